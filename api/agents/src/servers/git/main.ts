import { parseArgs } from "node:util";
import { serveTools } from "../shared/serve.ts";
import { authorsTool } from "./authors.ts";
import { cadenceTool } from "./cadence.ts";
import { churnTool } from "./churn.ts";
import { logTool } from "./log.ts";

const { values } = parseArgs({
  options: {
    root: { type: "string" },
    ceiling: { type: "string" },
    "search-path": { type: "string", default: "/usr/local/bin:/usr/bin:/bin" },
  },
});
if (values.root === undefined)
  throw new Error("usage: main.ts --root FOLDER [--ceiling FOLDER] [--search-path PATH]");
const place = {
  root: values.root,
  ceiling: values.ceiling ?? values.root,
  searchPath: values["search-path"],
};
await serveTools("git", [logTool(place), churnTool(place), authorsTool(place), cadenceTool(place)]);
