import { testDatabase } from "@shiplog/testkit/database";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { createDb } from "./client.ts";
import { withDeadline } from "./deadline.ts";
import { executeRaw, queryRaw, sql } from "./sql.ts";

const database = await testDatabase();
const db = createDb(database.url, { max: 2, applicationName: "deadline" });

interface Running {
  readonly wait_event_type: string | null;
}

/** What PostgreSQL itself says of our sessions that run a statement right now. */
async function running(): Promise<Running[]> {
  return queryRaw<Running>(
    database.db,
    sql`SELECT wait_event_type FROM pg_stat_activity
         WHERE application_name = 'deadline' AND state IN ('active', 'idle in transaction')`,
  );
}

/** Holds the table `held` so that whoever reads it waits, until the test is over. */
async function holdTable(): Promise<void> {
  await executeRaw(database.db, sql`CREATE TABLE IF NOT EXISTS held (id int)`);
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  onTestFinished(() => holder.end());
  await holder.query("BEGIN; LOCK TABLE held IN ACCESS EXCLUSIVE MODE");
}

test("past the deadline PostgreSQL has cancelled the statement, and no other begins", async () => {
  await holdTable();
  let ended: unknown;
  let second: unknown;
  const work = async () => {
    ended = await queryRaw(db, sql`SELECT * FROM held`).catch((error: unknown) => error);
    second = await queryRaw(db, sql`SELECT 2`).catch((error: unknown) => error);
  };
  const late = withDeadline(400, work).catch((error: unknown) => error);
  await expect.poll(running).toEqual([{ wait_event_type: "Lock" }]);
  expect(await late).toMatchObject({ name: "DeadlineError", message: "It took longer than 400 ms." });
  await expect.poll(running).toEqual([]);
  await expect.poll(() => second).toBeInstanceOf(Error);
  expect(String(ended)).toContain("canceling statement due to user request");
  // The connections went back to the pool unharmed.
  for (let i = 0; i < 4; i++) expect(await queryRaw(db, sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
});

test("a transaction that is late is rolled back, and its connection is free again", async () => {
  await executeRaw(database.db, sql`CREATE TABLE IF NOT EXISTS written (id int)`);
  await holdTable();
  const work = () =>
    db.$transaction(async (tx) => {
      await executeRaw(tx, sql`INSERT INTO written VALUES (1)`);
      await queryRaw(tx, sql`SELECT * FROM held`);
    });
  await expect(withDeadline(300, work)).rejects.toThrow("longer than 300 ms");
  await expect.poll(running).toEqual([]);
  expect(await queryRaw(db, sql`SELECT * FROM written`)).toEqual([]);
});

test("whoever waits for a connection keeps his own deadline, and those who have none keep theirs", async () => {
  const narrow = createDb(database.url, { max: 1, applicationName: "deadline" });
  onTestFinished(() => narrow.$disconnect());
  await holdTable();
  // The one connection is taken by work without a deadline; what queues behind it is served from its call.
  const free = queryRaw(narrow, sql`SELECT pg_sleep(0.6)::text, 'free' AS who`).then((rows) => rows);
  const late = withDeadline(200, () => queryRaw(narrow, sql`SELECT * FROM held`)).catch(String);
  const after = queryRaw<{ who: string }>(narrow, sql`SELECT 'after' AS who`).then((rows) => rows);
  expect(await late).toContain("longer than 200 ms");
  expect(await free).toMatchObject([{ who: "free" }]);
  expect(await after).toEqual([{ who: "after" }]);
});

test("work within its deadline is not touched", async () => {
  expect(await withDeadline(10_000, () => queryRaw(db, sql`SELECT 1 AS one`))).toEqual([{ one: 1 }]);
  await expect(withDeadline(10_000, () => queryRaw(db, sql`SELECT 1 / 0`))).rejects.toThrow(
    "division by zero",
  );
  await db.$disconnect();
});
