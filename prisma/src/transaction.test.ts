import { testDatabase } from "@shiplog/testkit/database";
import { beforeAll, expect, test } from "vitest";
import type { Tx } from "./client.ts";
import { executeRaw, queryRaw, sql } from "./sql.ts";
import { type DbContext, runNow, withTransaction } from "./transaction.ts";

const database = await testDatabase();

const root: DbContext = { db: database.db, afterCommit: runNow((error) => console.error(error)) };
const flushed = () => new Promise((done) => setImmediate(done));

beforeAll(async () => {
  await executeRaw(root.db, sql`CREATE TABLE counter (id int PRIMARY KEY, n int NOT NULL)`);
  await executeRaw(root.db, sql`INSERT INTO counter VALUES (1, 0), (2, 0)`);
});

async function read(id: number): Promise<number | undefined> {
  const rows = await queryRaw<{ n: number }>(root.db, sql`SELECT n FROM counter WHERE id = ${id}`);
  return rows[0]?.n;
}

test("a nested call joins: one transaction, its tasks after the outermost commit, in order", async () => {
  const log: string[] = [];
  const sent = await database.statements(() =>
    withTransaction(root, async (outer) => {
      outer.afterCommit(() => void log.push(`outer saw ${"commit"}`));
      await withTransaction(outer, async (inner) => {
        expect(inner.db).toBe(outer.db);
        await executeRaw(inner.db, sql`UPDATE counter SET n = n + 1 WHERE id = 1`);
        inner.afterCommit(async () => void log.push(`inner read ${await read(1)}`));
      });
      await flushed();
      expect(log).toEqual([]);
    }),
  );
  await expect.poll(() => log).toEqual(["outer saw commit", "inner read 1"]);
  expect(sent.filter((text) => text.startsWith("UPDATE"))).toHaveLength(1);
});

test("a rollback drops the rows and the tasks", async () => {
  const log: string[] = [];
  const before = await read(1);
  const failing = withTransaction(root, async (outer) => {
    await withTransaction(outer, async (inner) => {
      await executeRaw(inner.db, sql`UPDATE counter SET n = 100 WHERE id = 1`);
      inner.afterCommit(() => void log.push("never"));
    });
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  await flushed();
  expect(log).toEqual([]);
  expect(await read(1)).toBe(before);
});

test("a task that fails is reported and hurts neither the caller nor the next task", async () => {
  const errors: unknown[] = [];
  const log: string[] = [];
  const ctx = { ...root, afterCommit: runNow((error) => errors.push(error)) };
  const result = await withTransaction(ctx, async (tx) => {
    tx.afterCommit(() => Promise.reject(new Error("task")));
    tx.afterCommit(() => void log.push("ran"));
    return 7;
  });
  expect(result).toBe(7);
  await expect.poll(() => [errors.length, log.length]).toEqual([1, 1]);
});

test("after a deadlock the transaction runs again", async () => {
  await executeRaw(root.db, sql`UPDATE counter SET n = 0`);
  let runs = 0;
  const bothLocked = Promise.withResolvers<void>();
  const increment = (first: number, second: number) =>
    withTransaction(root, async (tx) => {
      runs++;
      await bump(tx.db as Tx, first);
      if (runs >= 2) bothLocked.resolve();
      await bothLocked.promise;
      await bump(tx.db as Tx, second);
    });
  await Promise.all([increment(1, 2), increment(2, 1)]);
  expect(runs).toBe(3);
  expect([await read(1), await read(2)]).toEqual([2, 2]);
});

test("a serialization failure of the ORM's own statements is retried as well", async () => {
  let runs = 0;
  await withTransaction(root, async (tx) => {
    await executeRaw(tx.db, sql`SET TRANSACTION ISOLATION LEVEL SERIALIZABLE`);
    const [row] = await queryRaw<{ n: number }>(tx.db, sql`SELECT n FROM counter WHERE id = 1`);
    if (++runs === 1) await executeRaw(root.db, sql`UPDATE counter SET n = 41 WHERE id = 1`);
    await executeRaw(tx.db, sql`UPDATE counter SET n = ${(row?.n ?? 0) + 1} WHERE id = 1`);
  });
  expect(runs).toBe(2);
  expect(await read(1)).toBe(42);
});

test("any other failure is not retried", async () => {
  let runs = 0;
  const failing = withTransaction(root, async (tx) => {
    runs++;
    await executeRaw(tx.db, sql`INSERT INTO counter VALUES (1, 0)`);
  });
  await expect(failing).rejects.toThrow(/counter_pkey|duplicate key|Unique constraint/);
  expect(runs).toBe(1);
});

function bump(db: Tx, id: number): Promise<number> {
  return executeRaw(db, sql`UPDATE counter SET n = n + 1 WHERE id = ${id}`);
}
