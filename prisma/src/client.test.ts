import { AsyncLocalStorage } from "node:async_hooks";
import { testDatabase } from "@shiplog/testkit/database";
import { expect, onTestFinished, test } from "vitest";
import { createDb } from "./client.ts";
import { executeRaw, join, queryRaw, raw, sql } from "./sql.ts";

const database = await testDatabase();

test("an instant reads as it was written although the database's own time zone is another", async () => {
  const name = new URL(database.url).pathname.slice(1);
  await executeRaw(database.db, sql`ALTER DATABASE ${raw(name)} SET TimeZone = 'Asia/Tokyo'`);
  const db = createDb(database.url, { max: 1 });
  onTestFinished(() => db.$disconnect());
  const at = new Date("2026-03-29T01:30:00.123Z");
  const rows = await queryRaw<{ at: Date; zone: string }>(
    db,
    sql`SELECT ${at}::timestamptz(3) AS at, current_setting('TimeZone') AS zone`,
  );
  expect(rows).toEqual([{ at, zone: "UTC" }]);
});

test("raw rows come typed: bigint, json, arrays, null", async () => {
  const ids = ["a", "b"];
  const rows = await queryRaw(
    database.db,
    sql`SELECT 9007199254740993::bigint AS big, ${JSON.stringify({ a: 1 })}::jsonb AS json,
               ${ids}::text[] AS list, NULL::text AS none, 2 IN (${join([1, 2])}) AS found`,
  );
  expect(rows).toEqual([{ big: 9007199254740993n, json: { a: 1 }, list: ids, none: null, found: true }]);
});

test("a broken idle connection is reported and replaced, not as a matter of the request that opened it", async () => {
  const request = new AsyncLocalStorage<string>();
  const about: (string | undefined)[] = [];
  const db = createDb(database.url, { max: 1, onPoolError: () => about.push(request.getStore()) });
  onTestFinished(() => db.$disconnect());
  const [own] = await request.run(
    "a request",
    async () => await queryRaw<{ pid: number }>(db, sql`SELECT pg_backend_pid() AS pid`),
  );
  await queryRaw(database.db, sql`SELECT pg_terminate_backend(${own?.pid}::int)`);
  await expect.poll(() => about.length).toBeGreaterThan(0);
  expect(new Set(about)).toEqual(new Set([undefined]));
  const [next] = await queryRaw<{ pid: number }>(db, sql`SELECT pg_backend_pid() AS pid`);
  expect(next?.pid).not.toBe(own?.pid);
});
