import { sql } from "@shiplog/db";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { afterAll, expect, test } from "vitest";
import type { Context } from "../context.ts";
import { ForbiddenError, InvalidInputError, NotFoundError } from "../errors.ts";
import { encodeId, newUuid } from "../ids.ts";
import { encodeCursor } from "./cursor.ts";
import { SLICE } from "./feed.ts";
import type { Batch } from "./position.ts";
import { PAGE_EVENTS } from "./queries.ts";
import type { StreamReader } from "./reader.ts";
import { createStreams } from "./streams.ts";
import { seedStory } from "./testing/seed.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const streams = createStreams(ctx, { recheckHeadsMs: 600_000, recheckAccessMs: 600_000 });
afterAll(() => streams.close());

async function start(options: { after?: string; tail?: number } = {}, count = 0, core: Context = ctx) {
  const story = await seedStory(core);
  if (count > 0) await story.append(count);
  const actor = await story.member();
  const open = (more = options) =>
    streams.open({ kind: "agent_execution", id: story.execution, actor, ...more });
  return { ...story, actor, open };
}

const seqs = (batch: Batch) => batch.events.map((e) => e.seq);
const cursorAt = (streamId: string, seq: number, epoch = ctx.epoch) => encodeCursor({ streamId, seq, epoch });

async function next(reader: StreamReader): Promise<Batch> {
  const result = await reader.next();
  if (result.done) throw new Error("the stream is over");
  return result.value;
}

async function rest(reader: StreamReader): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of reader) batches.push(batch);
  return batches;
}

test("the first batch of an empty stream comes at once, then what is appended", async () => {
  const { open, append, executionId } = await start();
  const reader = await open();
  expect(await next(reader)).toEqual({
    events: [],
    cursor: cursorAt(executionId, 0),
    caughtUp: true,
    reset: false,
  });
  const pending = next(reader);
  await append(3);
  expect(await pending).toMatchObject({ cursor: cursorAt(executionId, 3), caughtUp: true, reset: false });
  await reader.return();
});

test.each([
  ["neither: from the first event", {}, [1, 2, 3, 4, 5]],
  ["tail 2", { tail: 2 }, [4, 5]],
  ["tail 0: the live edge", { tail: 0 }, []],
  ["tail beyond the beginning", { tail: 99 }, [1, 2, 3, 4, 5]],
  ["after the middle", { after: 3 }, [4, 5]],
  ["after the head", { after: 5 }, []],
  ["after an empty stream's cursor", { after: 0 }, [1, 2, 3, 4, 5]],
])("start at %s", async (_name, { after, tail }: { after?: number; tail?: number }, expected) => {
  const { open, executionId } = await start({}, 5);
  const at = after === undefined ? { tail } : { after: cursorAt(executionId, after) };
  const reader = await open(at);
  const batch = await next(reader);
  expect(seqs(batch)).toEqual(expected);
  expect(batch).toMatchObject({ cursor: cursorAt(executionId, 5), caughtUp: true, reset: false });
  await reader.return();
});

test("after and tail together, and a bad tail, are invalid input", async () => {
  const { open, executionId } = await start();
  for (const bad of [{ after: cursorAt(executionId, 0), tail: 0 }, { tail: -1 }, { tail: 1.5 }]) {
    await expect(open(bad)).rejects.toThrow(InvalidInputError);
  }
});

test.each([
  ["garbage", () => "garbage"],
  ["nothing", () => ""],
  ["another epoch", (id: string) => cursorAt(id, 3, "0123456789abcdef")],
  ["another stream", () => cursorAt(newUuid(), 3)],
  ["beyond the head", (id: string) => cursorAt(id, 6)],
])(
  "a cursor that cannot be honoured (%s) gets a reset, then the stream goes on from the head",
  async (_n, cursor) => {
    const { open, append, executionId } = await start({}, 5);
    const reader = await open({ after: cursor(executionId) });
    expect(await next(reader)).toEqual({
      events: [],
      cursor: cursorAt(executionId, 5),
      caughtUp: true,
      reset: true,
    });
    await append(1);
    const batch = await next(reader);
    expect(seqs(batch)).toEqual([6]);
    expect(batch.reset).toBe(false);
    await reader.return();
  },
);

test("a pruned position gets a reset, when it opens and while it lags; the beginning is the first retained", async () => {
  const { open, executionId } = await start({}, PAGE_EVENTS + 10);
  const lagging = await open({});
  for (let at = 0; at < PAGE_EVENTS; ) at = seqs(await next(lagging)).at(-1) ?? at;
  await ctx.db.$executeRaw(
    sql`DELETE FROM stream_event WHERE stream_id = ${executionId}::uuid AND seq < 506`,
  );
  await ctx.db.$executeRaw(
    sql`UPDATE stream_head SET first_seq = 506 WHERE stream_id = ${executionId}::uuid`,
  );
  expect(await next(lagging)).toMatchObject({ events: [], reset: true, cursor: cursorAt(executionId, 510) });
  const late = await open({ after: cursorAt(executionId, 504) });
  expect(await next(late)).toMatchObject({ events: [], reset: true });
  const justInTime = await open({ after: cursorAt(executionId, 505) });
  expect(seqs(await next(justInTime))).toEqual([506, 507, 508, 509, 510]);
  const beginning = await open({});
  expect(seqs(await next(beginning))).toEqual([506, 507, 508, 509, 510]);
  for (const reader of [lagging, late, justInTime, beginning]) await reader.return();
});

test("a cursor inside a compacted range goes on behind it", async () => {
  const { open, executionId } = await start({}, 6);
  await ctx.db.$executeRaw(
    sql`DELETE FROM stream_event WHERE stream_id = ${executionId}::uuid AND seq IN (2, 3, 4)`,
  );
  const reader = await open({ after: cursorAt(executionId, 3) });
  const batch = await next(reader);
  expect(seqs(batch)).toEqual([5, 6]);
  expect(batch).toMatchObject({ caughtUp: true, reset: false });
  await reader.return();
});

test("batches hold at most 256 events and 24 KiB, or one event; only the last one is caught up", async () => {
  const { open, append } = await start({}, PAGE_EVENTS + 1);
  await append(10, { text: "x".repeat(16_000) });
  await append(1, { ends: true });
  const batches = await rest(await open({}));
  for (const { events } of batches) {
    const bytes = events.reduce((sum, event) => sum + event.bytes, 0);
    expect(events.length === 1 || (events.length <= SLICE.events && bytes <= SLICE.bytes)).toBe(true);
  }
  expect(batches.length).toBeGreaterThan(10);
  expect(batches.flatMap(seqs)).toEqual(Array.from({ length: PAGE_EVENTS + 12 }, (_, i) => i + 1));
  expect(batches.map((b) => b.caughtUp)).toEqual(batches.map((b) => b === batches.at(-1)));
});

test("an execution's stream completes after its terminal event; later readers get the same and complete too", async () => {
  const { open, append, executionId } = await start({}, 2);
  const reader = await open({ tail: 0 });
  await next(reader);
  const done = rest(reader);
  await append(1, { ends: true });
  expect((await done).flatMap(seqs)).toEqual([3]);
  expect((await rest(await open({}))).flatMap(seqs)).toEqual([1, 2, 3]);
  expect(await rest(await open({ after: cursorAt(executionId, 3) }))).toMatchObject([{ events: [] }]);
  expect(await rest(await open({ after: "lost" }))).toMatchObject([{ events: [], reset: true }]);
});

test("an idle reader can be returned: its pull ends and it leaves no listener", async () => {
  const { open } = await start();
  const reader = await open();
  await next(reader);
  const idle = reader.next();
  await reader.return();
  expect(await idle).toEqual({ done: true, value: undefined });
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

test("what many readers ask together takes one statement each: project, roles, head, history, news", async () => {
  const { open, append } = await start({}, 3);
  const readers: StreamReader[] = [];
  const opening = await database.statements(async () => {
    readers.push(...(await Promise.all(Array.from({ length: 20 }, () => open({})))));
  });
  expect(opening).toHaveLength(2);
  expect(await database.statements(() => Promise.all(readers.map(next)))).toHaveLength(2);
  const sent = await database.statements(async () => {
    const batches = readers.map(next);
    await append(1);
    await Promise.all(batches);
  });
  // The append alone: what this process commits, its readers get without a look into the log.
  expect(sent).toHaveLength(1);
  // Whoever comes back finds the project known and the newest events in memory: his role, and the head.
  const back = await database.statements(async () => {
    const reader = await open({ tail: 2 });
    expect(seqs(await next(reader))).toEqual([3, 4]);
    await reader.return();
  });
  expect(back).toHaveLength(2);
  for (const reader of readers) await reader.return();
});

test("a wake-up during a read is not lost", async () => {
  const { open, append } = await start();
  const readers = await Promise.all(Array.from({ length: 3 }, () => open({})));
  const all = readers.map((reader) => rest(reader));
  for (let i = 0; i < 200; i++) await append(1, { ends: i === 199 });
  for (const batches of await Promise.all(all)) {
    expect(batches.flatMap(seqs)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  }
});

test("lost wake-ups heal: one statement asks for the heads of all open streams", async () => {
  const healing = createStreams(ctx, { recheckHeadsMs: 40 });
  const deaf = { ...ctx, bus: { ...ctx.bus, wake() {} } };
  const stories = await Promise.all([seedStory(deaf), seedStory(deaf)]);
  const readers = await Promise.all(
    stories.map(async (story) =>
      healing.open({ kind: "agent_execution", id: story.execution, actor: await story.member() }),
    ),
  );
  await Promise.all(readers.map(next));
  const pending = readers.map(next);
  for (const story of stories) await story.append(1);
  expect((await Promise.all(pending)).map(seqs)).toEqual([[1], [1]]);
  healing.close();
});

test("a lost wake-up is not hidden by a reader that comes later and finds the new head", async () => {
  const deaf = { ...ctx, bus: { ...ctx.bus, wake() {} } };
  const story = await seedStory(deaf);
  const actor = await story.member();
  const open = () => streams.open({ kind: "agent_execution", id: story.execution, actor });
  const [first, between] = await Promise.all([open(), open()]);
  await next(first);
  const pending = next(first);
  // Long enough for the read at the edge, behind which the first one waits.
  await next(between);
  await story.append(1);
  const later = await open();
  expect(seqs(await next(later))).toEqual([1]);
  expect(seqs(await pending)).toEqual([1]);
  for (const reader of [first, between, later]) await reader.return();
});

test("who may not know of a stream is told that there is none; a key needs the scope", async () => {
  const { execution, open, key } = await start();
  const other = await start();
  const request = { kind: "agent_execution", id: execution } as const;
  const stranger = streams.open({ ...request, actor: other.actor });
  await expect(stranger).rejects.toThrow(new NotFoundError("agent execution"));
  const missing = streams.open({ ...request, id: encodeId("AgentExecution", newUuid()), actor: other.actor });
  await expect(missing).rejects.toThrow(new NotFoundError("agent execution"));
  const wrongType = streams.open({ ...request, id: encodeId("Project", newUuid()), actor: other.actor });
  await expect(wrongType).rejects.toThrow(NotFoundError);
  await expect(streams.open({ ...request, actor: await key(["pipeline:read"]) })).rejects.toThrow(
    ForbiddenError,
  );
  await expect(streams.open({ ...request, actor: await other.key(["agent:read"]) })).rejects.toThrow(
    NotFoundError,
  );
  await (await streams.open({ ...request, actor: await key(["agent:write"]) })).return();
  await (await open()).return();
});
