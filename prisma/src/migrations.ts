import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

export const MIGRATIONS = resolve(import.meta.dirname, "../migrations");

export interface Migration {
  /** <UTC timestamp>_<name>: the folder's name and the order of application. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file in hexadecimal, as Prisma records it. */
  readonly checksum: string;
}

/** The program's migrations in order of application. */
export async function readMigrations(folder: string = MIGRATIONS): Promise<Migration[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(names.sort().map((name) => readMigration(folder, name)));
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  const content = await readFile(join(folder, name, "migration.sql"));
  return {
    name,
    sql: content.toString("utf8"),
    checksum: createHash("sha256").update(content).digest("hex"),
  };
}
