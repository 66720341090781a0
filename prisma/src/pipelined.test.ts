import { testDatabase } from "@shiplog/testkit/database";
import { until } from "@shiplog/testkit/deferred";
import { proxyDatabase, type TcpProxy } from "@shiplog/testkit/proxy";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createDb, type Db } from "./client.ts";
import { executeRaw, last, prepared, queryRaw, sql } from "./sql.ts";
import { runNow, withTransaction } from "./transaction.ts";

const database = await testDatabase();

let db: Db;
let close: () => Promise<unknown>;
let network: TcpProxy;
/** What went to the server: each statement's first word, also of those that are kept parsed. */
let sent: string[] = [];

beforeAll(async () => {
  const { proxy, url } = await proxyDatabase(database.url);
  network = proxy;
  proxy.tap(() => (chunk) => {
    const words = chunk.toString("latin1").matchAll(/\b(BEGIN|COMMIT|ROLLBACK|INSERT|UPDATE|SELECT 1)\b/g);
    sent.push(...[...words].map(([word]) => word));
  });
  db = createDb(url, { max: 1 });
  close = () => db.$disconnect().then(() => proxy.close());
  await executeRaw(
    db,
    sql`CREATE TABLE item (id int PRIMARY KEY, n int UNIQUE DEFERRABLE INITIALLY DEFERRED CHECK (n >= 0))`,
  );
});
afterAll(() => close());
beforeEach(async () => {
  await executeRaw(db, sql`TRUNCATE item`);
  sent = [];
});

const run = <T>(work: (tx: { db: Parameters<typeof executeRaw>[0] }) => Promise<T>) =>
  withTransaction({ db, afterCommit: runNow(console.error) }, work);

const ids = async () => {
  const rows = await queryRaw<{ id: number }>(db, sql`SELECT id FROM item ORDER BY id`);
  return rows.map((row) => row.id);
};

const insert = (id: number, n = id) => sql`INSERT INTO item VALUES (${id}, ${n})`;

test("the last statement brings its transaction to its end", async () => {
  await run(async (tx) => {
    await executeRaw(tx.db, insert(1));
    expect(await executeRaw(tx.db, last(insert(2)))).toBe(1);
  });
  expect(sent).toEqual(["BEGIN", "INSERT", "INSERT", "COMMIT"]);
  expect(await ids()).toEqual([1, 2]);
});

test("one that is alone needs nothing around it, and one without statements needs nothing at all", async () => {
  await run((tx) => executeRaw(tx.db, last(insert(1))));
  await run(async () => {});
  await expect(run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(sent).toEqual(["INSERT"]);
  expect(await ids()).toEqual([1]);
});

test("a failure rolls back all: of the last statement, at the commit, of a statement before, and alone", async () => {
  const failing: readonly ((tx: { db: Parameters<typeof executeRaw>[0] }) => Promise<unknown>)[] = [
    async (tx) => [await executeRaw(tx.db, insert(1)), await executeRaw(tx.db, last(insert(2, -1)))],
    async (tx) => [await executeRaw(tx.db, insert(1)), await executeRaw(tx.db, last(insert(2, 1)))],
    async (tx) => {
      await executeRaw(tx.db, insert(1));
      await executeRaw(tx.db, insert(2, -1)).catch(() => {});
      await executeRaw(tx.db, last(insert(3)));
    },
    (tx) => executeRaw(tx.db, last(sql`INSERT INTO item VALUES (1, 1), (2, 1)`)),
    async (tx) => [await executeRaw(tx.db, insert(1)), await Promise.reject(new Error("no"))],
  ];
  for (const work of failing) {
    await expect(run(work)).rejects.toThrow();
    expect(await ids()).toEqual([]);
  }
  await run((tx) => executeRaw(tx.db, insert(1)));
  expect(await ids()).toEqual([1]);
});

test("a connection that is lost while the last statement runs leaves all or nothing", async () => {
  const locked = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  const holder = withTransaction({ db: database.db, afterCommit: runNow(console.error) }, async (tx) => {
    await queryRaw(tx.db, sql`SELECT 1 FROM pg_advisory_xact_lock(7)`);
    locked.resolve();
    await free.promise;
  });
  await locked.promise;
  const cut = run(async (tx) => {
    await executeRaw(tx.db, insert(1));
    await executeRaw(
      tx.db,
      last(sql`INSERT INTO item SELECT 2, 2 FROM (SELECT pg_advisory_xact_lock(7)) lock`),
    );
  });
  cut.catch(() => {});
  await until(() => sent.includes("COMMIT"));
  network.cut();
  await expect(cut).rejects.toThrow();
  free.resolve();
  await holder;
  await until(async () => {
    const waiting = await queryRaw(
      database.db,
      sql`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_advisory%'
          AND state <> 'idle' AND pid <> pg_backend_pid()`,
    );
    return waiting.length === 0;
  });
  expect([[], [1, 2]]).toContainEqual(await ids());
});

test("what were sent behind the last statement is refused, for it would stand alone", async () => {
  const late = run(async (tx) => {
    await executeRaw(tx.db, last(insert(1)));
    await executeRaw(tx.db, insert(2));
  });
  await expect(late).rejects.toThrow(/behind the last/);
  expect(await ids()).toEqual([1]);
});

test("statements at once are within the transaction, whichever comes first", async () => {
  const failing = run(async (tx) => {
    await Promise.all([1, 2, 3].map((id) => executeRaw(tx.db, insert(id))));
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(sent).toEqual(["BEGIN", "INSERT", "INSERT", "INSERT", "ROLLBACK"]);
  expect(await ids()).toEqual([]);
});

test("a prepared statement is sent once to each connection, and gives what its values ask for", async () => {
  const ask = (n: number) => queryRaw<{ n: number }>(db, prepared(sql`SELECT 1 AS one, ${n}::int AS n`));
  for (const n of [1, 2, 3]) expect(await ask(n)).toEqual([{ one: 1, n }]);
  await run(async (tx) => {
    const both = last(prepared(sql`SELECT 1 AS one, ${4}::int AS n`));
    for (const n of [4]) expect(await queryRaw(tx.db, both)).toEqual([{ one: 1, n }]);
  });
  expect(sent).toEqual(["SELECT 1", "SELECT 1"]);
});
