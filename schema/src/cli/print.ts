import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { lexicographicSortSchema, printSchema } from "graphql";
import { createSchema } from "../index.ts";

/** The committed contract; clients generate their types from it. */
export const SCHEMA_FILE = resolve(import.meta.dirname, "../../schema.graphql");

/** The text of schema.graphql: the same bytes for the same schema. */
export function printedSchema(): string {
  return `${printSchema(lexicographicSortSchema(createSchema()))}\n`;
}

if (import.meta.main) {
  const text = printedSchema();
  if (!process.argv.includes("--check")) {
    await writeFile(SCHEMA_FILE, text);
  } else if ((await readFile(SCHEMA_FILE, "utf8").catch(() => "")) !== text) {
    console.error("schema/schema.graphql is not up to date: run `pnpm codegen` and review the difference.");
    process.exitCode = 1;
  }
}
