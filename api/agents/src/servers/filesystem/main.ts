import { parseArgs } from "node:util";
import { serveTools } from "../shared/serve.ts";
import { openRoot } from "./beneath.ts";
import { Denied } from "./denied.ts";
import { inspectFiles } from "./inspect.ts";
import { listFiles } from "./list.ts";
import { readFile } from "./read.ts";
import { readFiles } from "./read-many.ts";
import { summariseTree } from "./summarise.ts";

const { values } = parseArgs({
  options: { root: { type: "string" }, deny: { type: "string", multiple: true, default: [] } },
});
if (values.root === undefined) throw new Error("usage: main.ts --root FOLDER [--deny PATH]...");
const root = openRoot(values.root, new Denied(values.deny));
const tools = [listFiles, readFile, readFiles, summariseTree, inspectFiles];
await serveTools(
  "filesystem",
  tools.map((tool) => tool(root)),
);
