import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import type { DiffTarget } from "@prisma/schema-engine-wasm";
import { PrismaPGlite } from "pglite-prisma-adapter";
import { readSchemaFiles } from "./generate.ts";
import { MIGRATIONS, type Migration, readMigrations } from "./migrations.ts";
import { LOCKFILE, loadEngine, migrationList } from "./schema-engine.ts";

type SchemaFile = { path: string; content: string };

/** The SQL that leads from what `migrations` build to what `schema` says; empty when they agree. */
export async function diff(migrations: readonly Migration[], schema: SchemaFile[]): Promise<string> {
  const { SchemaEngine } = await loadEngine();
  const pglite = await PGlite.create();
  try {
    const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPGlite(pglite));
    const datamodels = schema.map(({ path, content }) => [path, content] as [string, string]);
    using session = await SchemaEngine.new({ datamodels }, () => {}, adapter);
    const result = await session.diff({
      from: { tag: "migrations", ...migrationList(migrations), shadowDatabaseUrl: null } as DiffTarget,
      to: { tag: "schemaDatamodel", files: schema } as DiffTarget,
      script: true,
      exitCode: null,
      shadowDatabaseUrl: null,
      filters: { externalTables: [], externalEnums: [] },
    } as Parameters<typeof session.diff>[0]);
    const sql = result.stdout ?? "";
    return sql.includes("This is an empty migration") ? "" : sql;
  } finally {
    await pglite.close();
  }
}

/** The SQL missing from the migrations; empty = no drift. */
export async function drift(): Promise<string> {
  return diff(await readMigrations(), await readSchemaFiles());
}

/** Writes the next migration and returns its file, or null when the schema asks for none. */
export async function writeMigration(
  name: string,
  now: Date,
  folder: string = MIGRATIONS,
): Promise<string | null> {
  const sql = await diff(await readMigrations(folder), await readSchemaFiles());
  if (!sql) return null;
  const stamp = now.toISOString().replace(/\D/g, "").slice(0, 14);
  const target = join(folder, `${stamp}_${name}`);
  await mkdir(target, { recursive: true });
  await writeFile(join(folder, "migration_lock.toml"), LOCKFILE);
  await writeFile(join(target, "migration.sql"), sql);
  return join(target, "migration.sql");
}
