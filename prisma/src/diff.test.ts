import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { diff, writeMigration } from "./diff.ts";
import { readSchemaFiles } from "./generate.ts";
import { readMigrations } from "./migrations.ts";

/** All that a model adds to the schema; had the migrations missed anything else, it would stand there too. */
const MOVED = `-- CreateTable
CREATE TABLE "moved" (
    "id" INTEGER NOT NULL,

    CONSTRAINT "moved_pkey" PRIMARY KEY ("id")
);`;

test("the migrations build what the schema says, and a schema that moved on is found", {
  timeout: 60_000,
}, async () => {
  const moved = { path: "moved.prisma", content: 'model Moved {\n  id Int @id\n\n  @@map("moved")\n}\n' };
  const missing = await diff(await readMigrations(), [...(await readSchemaFiles()), moved]);
  expect(missing.trim()).toBe(MOVED);
});

test("db:diff writes the next migration", {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "shiplog-diff-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = await writeMigration("first", new Date("2026-01-02T03:04:05Z"), folder);
  expect(file).toBe(join(folder, "20260102030405_first/migration.sql"));
  expect(await readFile(join(folder, "migration_lock.toml"), "utf8")).toContain('provider = "postgresql"');
});
