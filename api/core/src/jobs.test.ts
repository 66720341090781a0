import { queryRaw, sql } from "@shiplog/db";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { beforeEach, expect, test } from "vitest";
import { transact } from "./transaction.ts";

const database = await testDatabase();
const ctx = await makeContext(database);

async function jobs(): Promise<object[]> {
  return queryRaw<object>(
    ctx.db,
    sql`SELECT j.task_identifier AS task, p.payload, j.queue_name AS queue, j.key, j.max_attempts AS attempts
        FROM graphile_worker.jobs j JOIN graphile_worker._private_jobs p USING (id) ORDER BY id`,
  );
}

beforeEach(async () => {
  await ctx.db.$executeRaw(sql`DELETE FROM graphile_worker._private_jobs`);
});

test("a job exists when, and only when, its transaction commits", async () => {
  await transact(ctx, async (tx) => {
    await tx.jobs.enqueue(tx.db, "run_agent", { id: "1" }, { queue: "q", maxAttempts: 3 });
    expect(await jobs()).toEqual([]);
  });
  expect(await jobs()).toEqual([
    { task: "run_agent", payload: { id: "1" }, queue: "q", key: null, attempts: 3 },
  ]);
  const failing = transact(ctx, async (tx) => {
    await tx.jobs.enqueue(tx.db, "run_agent", { id: "2" });
    throw new Error("rolled back");
  });
  await expect(failing).rejects.toThrow("rolled back");
  expect(await jobs()).toHaveLength(1);
});

test("a job with the key of one that waits replaces it", async () => {
  for (const id of ["1", "2"]) await ctx.jobs.enqueue(ctx.db, "prune_deltas", { id }, { key: "k" });
  expect(await jobs()).toMatchObject([{ payload: { id: "2" }, key: "k", attempts: 25 }]);
});
