import { enableCompileCache } from "node:module";
import { resolve } from "node:path";

// First of all: types are stripped and code is compiled once, not at every start.
enableCompileCache(resolve(import.meta.dirname, "../../../node_modules/.cache/node"));
const { preferProduction } = await import("./env.ts");
// Before graphql is loaded, which looks once.
if (process.argv[2] !== "--dev" && process.argv[2] !== "--watched") preferProduction();
const { start } = await import("./launch/start.ts");
await start(process.argv[2]);
