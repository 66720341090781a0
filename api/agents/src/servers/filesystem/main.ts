import { parseArgs } from "node:util";
import { serveTools } from "../shared/serve.ts";
import { openRoot } from "./beneath.ts";
import { Denied } from "./denied.ts";
import { inspectFiles } from "./inspect.ts";
import { listFiles } from "./list.ts";
import { readFile } from "./read.ts";
import { summariseTree } from "./summarise.ts";

const { values } = parseArgs({
  options: { root: { type: "string" }, deny: { type: "string", multiple: true, default: [] } },
});
if (values.root === undefined) throw new Error("usage: main.ts --root FOLDER [--deny PATH]...");
const root = openRoot(values.root, new Denied(values.deny));
await serveTools("filesystem", [listFiles(root), readFile(root), summariseTree(root), inspectFiles(root)]);
