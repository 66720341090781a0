import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { testDatabase } from "@shiplog/testkit/database";
import { expect, test } from "vitest";
import { migrate, pendingMigrations } from "./migrate.ts";
import { MIGRATIONS, type Migration, readMigrations } from "./migrations.ts";
import { executeRaw, queryRaw, sql } from "./sql.ts";

const database = await testDatabase();

function migration(name: string, text: string): Migration {
  return { name, sql: text, checksum: createHash("sha256").update(text).digest("hex") };
}

async function history(name: string) {
  return queryRaw<{
    checksum: string;
    finished_at: Date | null;
    applied_steps_count: number;
    logs: string | null;
  }>(
    database.db,
    sql`SELECT checksum, finished_at, applied_steps_count, logs FROM _prisma_migrations
        WHERE migration_name = ${name} AND rolled_back_at IS NULL`,
  );
}

test("the program's migrations are recorded as Prisma would", async () => {
  const all = await readMigrations();
  expect(all.length).toBeGreaterThan(0);
  expect(await pendingMigrations(database.url)).toEqual([]);
  for (const { name } of all) {
    expect(name).toMatch(/^\d{14}_[a-z0-9_]+$/);
    const file = readFileSync(`${MIGRATIONS}/${name}/migration.sql`);
    expect(await history(name)).toEqual([
      {
        checksum: createHash("sha256").update(file).digest("hex"),
        finished_at: expect.any(Date),
        applied_steps_count: 1,
        logs: null,
      },
    ]);
  }
});

test("of several processes at once each migration is applied by one", async () => {
  const next = [
    ...(await readMigrations()),
    migration(
      "29990101000000_slow",
      "CREATE TABLE slow_one (); SELECT pg_sleep(0.2); CREATE TABLE slow_two ();",
    ),
    migration("29990101000001_next", "CREATE TABLE next_one ();"),
  ];
  expect(await pendingMigrations(database.url, next)).toEqual(["29990101000000_slow", "29990101000001_next"]);
  const applied = await Promise.all([1, 2, 3].map(() => migrate(database.url, next)));
  expect(applied.flat().sort()).toEqual(["29990101000000_slow", "29990101000001_next"]);
  expect(await history("29990101000000_slow")).toHaveLength(1);
});

test("a migration that fails leaves nothing behind and may be applied once it is right", async () => {
  const name = "29990102000000_broken";
  const broken = migration(name, "CREATE TABLE half (); CREATE TABLE half ();");
  await expect(migrate(database.url, [broken])).rejects.toThrow(
    `The database migration ${name} cannot be applied: relation "half" already exists`,
  );
  expect(await history(name)).toEqual([]);
  expect(await migrate(database.url, [migration(name, "CREATE TABLE half ();")])).toEqual([name]);
});

test("a migration that was changed after it was applied is refused", async () => {
  const name = "29990103000000_changed";
  await migrate(database.url, [migration(name, "SELECT 1;")]);
  await expect(migrate(database.url, [migration(name, "SELECT 2;")])).rejects.toThrow(
    `The database migration ${name} was changed after it was applied`,
  );
});

test("a migration that failed half-way under another tool is refused until it is resolved", async () => {
  await executeRaw(
    database.db,
    sql`INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('x', 'x', '29990104000000_stuck')`,
  );
  await expect(migrate(database.url)).rejects.toThrow(/29990104000000_stuck failed half-way/);
  await executeRaw(database.db, sql`UPDATE _prisma_migrations SET rolled_back_at = now() WHERE id = 'x'`);
  expect(await migrate(database.url)).toEqual([]);
});
