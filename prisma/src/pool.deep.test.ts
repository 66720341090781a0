import { testDatabase } from "@shiplog/testkit/database";
import { until } from "@shiplog/testkit/deferred";
import { proxyDatabase } from "@shiplog/testkit/proxy";
import type { Pool } from "pg";
import { expect, type TestContext, test } from "vitest";
import { createDb } from "./client.ts";
import { createPool } from "./pool.ts";
import { executeRaw, queryRaw, sql } from "./sql.ts";

const database = await testDatabase();

/** The database behind a network of the test's own; of several at a time only its own context tells which one is meant. */
async function network({ onTestFinished }: TestContext) {
  const { proxy, url } = await proxyDatabase(database.url);
  onTestFinished(() => proxy.close());
  return { proxy, url };
}

test.concurrent("connections that the network has forgotten are given up in seconds: busy, idle and listening ones", async (context) => {
  const { proxy, url } = await network(context);
  const pool = createPool(url, { max: 4, applicationName: "pool-test" });
  context.onTestFinished(() => pool.end());
  const [listener, idle, busy] = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
  const listenerGone = new Promise((resolve) => listener.once("end", resolve));
  await listener.query("LISTEN anything");
  idle.release();
  proxy.blackhole();
  const began = performance.now();
  await expect(busy.query("SELECT 1")).rejects.toThrow(/terminated/);
  busy.release(true);
  await listenerGone;
  listener.release(true);
  expect(performance.now() - began).toBeLessThan(8_000);
  proxy.heal();
  const healed = performance.now();
  expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  expect(performance.now() - healed).toBeLessThan(4_000);
});

test.concurrent("a connection that takes too long is tried once more, a server that is away is told of in seconds", async (context) => {
  const { proxy, url } = await network(context);
  const pool = createPool(url, { max: 1, applicationName: "pool-test" });
  context.onTestFinished(() => pool.end());
  for (const ask of [() => pool.query("SELECT 1 AS one"), () => connected(pool)]) {
    proxy.blackhole();
    const { taken } = proxy;
    const answer = ask();
    await until(() => proxy.taken > taken);
    proxy.heal();
    expect((await answer).rows).toEqual([{ one: 1 }]);
    expect(proxy.taken).toBe(taken + 2);
    await until(() => pool.idleCount === 1);
    proxy.cut();
    await until(() => pool.totalCount === 0);
  }
  proxy.blackhole();
  const began = performance.now();
  await expect(pool.query("SELECT 1")).rejects.toThrow(/timeout/);
  expect(performance.now() - began).toBeLessThan(5_000);
});

async function connected(pool: Pool) {
  const client = await pool.connect();
  return client.query("SELECT 1 AS one").finally(() => client.release());
}

test.concurrent("connections that are dead when the network is back are found by asking the server", async (context) => {
  const { proxy, url } = await network(context);
  const db = createDb(url, { max: 2 });
  context.onTestFinished(() => db.$disconnect());
  await executeRaw(db, sql`SELECT 1`);
  proxy.blackhole();
  proxy.heal();
  const began = performance.now();
  await expect(queryRaw(db, sql`SELECT 1`)).rejects.toThrow(/terminated/);
  expect(performance.now() - began).toBeLessThan(5_000);
  await executeRaw(db, sql`SELECT 1`);
});

test.concurrent("a statement that takes long is left alone, and so is a slow network", async (context) => {
  const { proxy, url } = await network(context);
  const db = createDb(url, { max: 1 });
  context.onTestFinished(() => db.$disconnect());
  proxy.shape({ latencyMs: 300 });
  expect(await queryRaw(db, sql`SELECT 1 AS one FROM pg_sleep(5)`)).toEqual([{ one: 1 }]);
});
