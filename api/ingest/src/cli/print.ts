// Writes openapi.json from the routes; with --check it only says whether the file is up to date (exit 1 if not).
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "@shiplog/core";
import { createRestApp } from "../app.ts";
import { openApiDocument } from "../document.ts";

const FILE = join(import.meta.dirname, "../../openapi.json");

// Handlers use the context, declaring routes does not.
const text = `${JSON.stringify(openApiDocument(createRestApp({} as Context)), null, 2)}\n`;

if (process.argv.includes("--check")) {
  const committed = await readFile(FILE, "utf8").catch(() => "");
  if (committed !== text) {
    console.error("api/ingest/openapi.json is not what the routes say. Run: pnpm codegen");
    process.exitCode = 1;
  }
} else {
  await writeFile(FILE, text);
}
