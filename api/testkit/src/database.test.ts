import { queryRaw, sql } from "@shiplog/db";
import { expect, test } from "vitest";
import { testDatabase } from "./database.ts";

const database = await testDatabase();

test("a test file gets a migrated database of its own", async () => {
  const rows = await queryRaw<{ name: string }>(database.db, sql`SELECT current_database() AS name`);
  expect(rows[0]?.name).toMatch(/^shiplog_test_/);
  expect(await database.db.user.count()).toBe(0);
});

test("the statements that the client sends can be counted", async () => {
  const sent = await database.statements(async () => {
    await database.db.user.count();
    await database.db.$transaction([database.db.user.findMany(), database.db.$queryRaw(sql`SELECT 1`)]);
  });
  expect(sent).toHaveLength(3);
});
