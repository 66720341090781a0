import { executeRaw, sql } from "@shiplog/db";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { expect, test } from "vitest";
import { newUuid } from "../ids.ts";
import { record, transact } from "../transaction.ts";
import type { Append } from "./append.ts";
import { readEvents, readHeads } from "./queries.ts";

const database = await testDatabase();
const ctx = await makeContext(database);

const event = (n: number) => ({ type: "AgentTextDelta", data: { n } });
const append = (streamId: string, count: number, more: Partial<Append> = {}): Append => ({
  kind: "agent_execution",
  streamId,
  projectId: newUuid(),
  events: Array.from({ length: count }, (_, i) => event(i)),
  ...more,
});

test("seq runs from 1 in the order of recording, over several appends and streams", async () => {
  const [a, b] = [newUuid(), newUuid()];
  const receipts = await transact(ctx, async (tx) => [
    record(tx, append(a, 2)),
    record(tx, append(b, 1)),
    record(tx, append(a, 3, { ends: true })),
  ]);
  expect(receipts.map((r) => r.lastSeq)).toEqual([2, 1, 5]);
  const events = await readEvents(ctx.db, a, 0, 10);
  expect(events.map((e) => [e.seq, e.data])).toEqual([
    [1, { n: 0 }],
    [2, { n: 1 }],
    [3, { n: 0 }],
    [4, { n: 1 }],
    [5, { n: 2 }],
  ]);
  expect(await readHeads(ctx.db, [a])).toMatchObject([{ seq: 5, firstSeq: 1, ended: true }]);
});

test("an append without events answers the head and leaves no trace", async () => {
  const [known, unknown] = [newUuid(), newUuid()];
  await transact(ctx, async (tx) => record(tx, append(known, 4)));
  const wakes: unknown[] = [];
  const stop = ctx.bus.onWake((ids) => wakes.push(ids));
  const receipts = await transact(ctx, async (tx) => [
    record(tx, append(known, 0)),
    record(tx, append(unknown, 0)),
  ]);
  stop();
  expect(receipts.map((r) => r.lastSeq)).toEqual([4, 0]);
  expect(wakes).toEqual([]);
  expect(await readHeads(ctx.db, [unknown])).toEqual([]);
});

test("an event above 16 KiB is refused, with its whole transaction", async () => {
  const streamId = newUuid();
  const sized = (bytes: number) => ({ type: "AgentTextDelta", data: { text: "x".repeat(bytes) } });
  await transact(ctx, async (tx) => record(tx, append(streamId, 0, { events: [sized(16_300)] })));
  const tooLarge = transact(ctx, async (tx) => {
    record(tx, append(streamId, 1));
    record(tx, append(streamId, 0, { events: [sized(16_400)] }));
  });
  await expect(tooLarge).rejects.toThrow("at most 16384");
  expect(await readHeads(ctx.db, [streamId])).toMatchObject([{ seq: 1 }]);
});

test("one statement writes everything, whatever the number of events and streams", async () => {
  const sent = await database.statements(() =>
    transact(ctx, async (tx) => {
      for (let i = 0; i < 5; i++) record(tx, append(newUuid(), 20));
      record(tx, append(newUuid(), 1, { kind: "project" }));
    }),
  );
  expect(sent).toHaveLength(1);
});

test("concurrent writers, some of which roll back: seq stays gapless and readers are woken after the commit", async () => {
  const [a, b, project] = [newUuid(), newUuid(), newUuid()];
  const woken = new Set<string>();
  const stop = ctx.bus.onWake((ids) => ids?.forEach((id) => void woken.add(id)));
  // At its commit, when it has taken the head and written its events.
  await executeRaw(
    ctx.db,
    sql`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'rolled back'; END $$`,
  );
  await executeRaw(
    ctx.db,
    sql`CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON stream_event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (NEW.type = 'Refused') EXECUTE FUNCTION refuse()`,
  );
  const refused = { type: "Refused", data: {} };
  const rolledBack = (stream: string, i: number) =>
    transact(ctx, async (tx) => {
      if (i % 3 === 0) await readHeads(tx.db, [stream]);
      record(tx, append(stream, 2));
      record(tx, append(stream, 0, { events: [refused] }));
    });
  const writers = Array.from({ length: 60 }, async (_, i) => {
    if (i % 4 === 3) return rolledBack(i % 8 === 3 ? a : b, i);
    await transact(ctx, async (tx) => {
      const streams = i % 2 ? [a, b] : [b, a];
      record(tx, append(project, 1, { kind: "project" }));
      for (const stream of streams) record(tx, append(stream, 1 + (i % 3)));
    });
  });
  const results = await Promise.allSettled(writers);
  stop();
  expect(results.filter((r) => r.status === "rejected")).toHaveLength(15);
  for (const stream of [a, b, project]) {
    const seqs = (await readEvents(ctx.db, stream, 0, 1000)).map((e) => e.seq);
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    expect(seqs).toHaveLength(stream === project ? 45 : 90);
  }
  expect(woken).toEqual(new Set([a, b, project]));
});

test("a transaction that runs again after a deadlock writes its events once", async () => {
  const stream = newUuid();
  const [x, y] = [newUuid(), newUuid()];
  for (const id of [x, y]) await transact(ctx, async (tx) => record(tx, append(id, 1)));
  let attempts = 0;
  const crossing = async (first: string, second: string) =>
    transact(ctx, async (tx) => {
      attempts++;
      record(tx, append(stream, 1));
      for (const id of [first, second]) {
        await tx.db.$executeRaw(sql`UPDATE stream_head SET first_seq = 1 WHERE stream_id = ${id}::uuid`);
        await bothHoldOne();
      }
    });
  let arrived = 0;
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const bothHoldOne = () => {
    if (++arrived === 2) open();
    return gate;
  };
  await Promise.all([crossing(x, y), crossing(y, x)]);
  expect(attempts).toBeGreaterThan(2);
  expect((await readEvents(ctx.db, stream, 0, 10)).map((e) => e.seq)).toEqual([1, 2]);
});

test("a nested call joins the outer transaction, by a derived context as well", async () => {
  const stream = newUuid();
  await transact(ctx, async (tx) => {
    record(tx, append(stream, 1));
    await transact({ ...tx, epoch: "other" }, async (inner) => record(inner, append(stream, 1)));
    expect(await readEvents(tx.db, stream, 0, 10)).toEqual([]);
  });
  expect(await readEvents(ctx.db, stream, 0, 10)).toHaveLength(2);
  expect(() => record(ctx, append(stream, 1))).toThrow("outside transact");
});

test("texts that PostgreSQL cannot store are made storable, keys too", async () => {
  const stream = newUuid();
  const nul = String.fromCharCode(0);
  const data = { text: `a${nul}b\ud800c`, [`k${nul}`]: ["\\u0000", `${nul}`, 1, null, "\ud83d\ude00"] };
  await transact(ctx, async (tx) => record(tx, append(stream, 0, { events: [{ type: "T", data }] })));
  const [stored] = await readEvents(ctx.db, stream, 0, 1);
  expect(stored?.data).toEqual({
    text: "a\ufffdb\ufffdc",
    "k\ufffd": ["\\u0000", "\ufffd", 1, null, "\ud83d\ude00"],
  });
});
