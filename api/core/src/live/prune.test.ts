import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { until } from "@shiplog/testkit/deferred";
import { expect, it } from "vitest";
import { encodeId } from "../ids.ts";
import { record, transact } from "../transaction.ts";
import {
  createStreams,
  decodeCursor,
  encodeCursor,
  pruneStreams,
  readEvents,
  readHeads,
  type StreamKind,
} from "./index.ts";
import { seedStory } from "./testing/index.ts";

const DAY = 24 * 3_600_000;
const database = await testDatabase();
const clock = createTestClock();
const ctx = await makeContext(database, { clock });

const daysAgo = (days: number) => new Date(clock.now().getTime() - days * DAY);
const seqs = async (streamId: string) => (await readEvents(ctx.db, streamId, 0, 100)).map(({ seq }) => seq);
const firstSeq = async (streamId: string) => (await readHeads(ctx.db, [streamId]))[0]?.firstSeq;

/** Prunes in calls of two events each, as often as there is something; how many each call took. */
async function prune(projectId: string, kind: StreamKind, before: Date): Promise<number[]> {
  const taken: number[] = [];
  do taken.push(await pruneStreams(ctx, { projectId, kind, before, limit: 2 }));
  while (taken.at(-1) === 2);
  return taken;
}

/** The clock goes on for longer than a session lasts. */
const NEVER_CHECKED = { recheckAccessMs: 3_600_000 };

it("takes the log of an execution that ended long ago, and not that of one which goes on or ended later", async () => {
  const [old, running, recent] = [await seedStory(ctx), await seedStory(ctx), await seedStory(ctx)];
  for (const { append } of [old, running, recent]) await append(4);
  await old.append(1, { ends: true });
  clock.advance(50 * DAY);
  await recent.append(1, { ends: true });
  clock.advance(50 * DAY);
  for (const { projectId } of [running, recent]) {
    expect(await prune(projectId, "agent_execution", daysAgo(90))).toEqual([0]);
  }
  expect(await prune(old.projectId, "agent_execution", daysAgo(90))).toEqual([2, 2, 1]);
  expect(await prune(old.projectId, "agent_execution", daysAgo(90))).toEqual([0]);
  expect([await seqs(old.executionId), await firstSeq(old.executionId)]).toEqual([[], 6]);
  expect([await seqs(running.executionId), await seqs(recent.executionId)]).toEqual([
    [1, 2, 3, 4],
    [1, 2, 3, 4, 5],
  ]);
});

it("takes many short logs in one call: what a call did not fill is all there was", async () => {
  const { projectId } = await seedStory(ctx);
  const streams = Array.from({ length: 150 }, () => ctx.newId());
  const head = { kind: "agent_execution", projectId, seq: 1, firstSeq: 1, ended: true } as const;
  await ctx.db.streamHead.createMany({ data: streams.map((streamId) => ({ streamId, ...head })) });
  const event = { seq: 1, at: clock.now(), type: "AgentStatusChanged", data: {} };
  await ctx.db.streamEvent.createMany({ data: streams.map((streamId) => ({ streamId, ...event })) });
  clock.advance(100 * DAY);
  const input = { projectId, kind: "agent_execution", before: daysAgo(90) } as const;
  expect(await pruneStreams(ctx, { ...input, limit: 149 })).toBe(149);
  expect(await pruneStreams(ctx, { ...input, limit: 200 })).toBe(1);
});

it("takes a project's events up to the first younger one, with their contents; an open reader and a late one get reset", async () => {
  const story = await seedStory(ctx);
  const { projectId } = story;
  const content = {
    projectId,
    streamId: projectId,
    mediaType: "text/plain",
    body: "long",
    createdAt: clock.now(),
  };
  const [contentId, kept] = [ctx.newId(), ctx.newId()];
  await ctx.db.eventContent.createMany({
    data: [
      { id: contentId, ...content },
      { id: kept, ...content },
    ],
  });
  const append = (count: number, id: string) =>
    transact(ctx, async (tx) => {
      const events = Array.from({ length: count }, () => ({
        type: "AIActivitiesRecorded",
        data: { contentId: id },
      }));
      return record(tx, { kind: "project", streamId: projectId, projectId, events });
    });
  await append(3, contentId);
  const streams = createStreams(ctx, NEVER_CHECKED);
  const request = {
    kind: "project",
    id: encodeId("Project", projectId),
    actor: await story.member(),
  } as const;
  const at = (seq: number) => encodeCursor({ streamId: projectId, seq, epoch: ctx.epoch });
  const lagging = await streams.open({ ...request, after: at(0) });
  await lagging.next();
  clock.advance(100 * DAY);
  await append(2, kept);
  expect(await prune(projectId, "project", daysAgo(90))).toEqual([2, 1]);
  expect([await seqs(projectId), await firstSeq(projectId)]).toEqual([[4, 5], 4]);
  expect((await ctx.db.eventContent.findMany({ where: { projectId } })).map(({ id }) => id)).toEqual([kept]);

  const first = async (after: number) =>
    (await (await streams.open({ ...request, after: at(after) })).next()).value;
  expect(await first(2)).toMatchObject({ events: [], reset: true, cursor: at(5) });
  expect(await first(3)).toMatchObject({ events: [{ seq: 4 }, { seq: 5 }], reset: false });
  expect((await lagging.next()).value).toMatchObject({ events: [{ seq: 4 }, { seq: 5 }], reset: false });
  // The next event goes on where the stream was.
  await append(1, kept);
  expect(await seqs(projectId)).toEqual([4, 5, 6]);
  streams.close();
});

it("a reader that lags while what it has not read is pruned has it from memory or gets reset; what is written meanwhile is not lost", async () => {
  const story = await seedStory(ctx);
  const { projectId } = story;
  const append = (count: number) =>
    transact(ctx, async (tx) => {
      const events = Array.from({ length: count }, () => ({ type: "AIActivitiesRecorded", data: {} }));
      return record(tx, { kind: "project", streamId: projectId, projectId, events });
    });
  await append(1);
  const streams = createStreams(ctx, NEVER_CHECKED);
  const request = {
    kind: "project",
    id: encodeId("Project", projectId),
    actor: await story.member(),
  } as const;
  const lagging = await streams.open(request);
  await lagging.next();
  await append(4);
  clock.advance(100 * DAY);
  await Promise.all([
    prune(projectId, "project", daysAgo(90)),
    ...Array.from({ length: 5 }, () => append(1)),
  ]);
  // A head that was being written to was left for the next time.
  await until(async () => {
    await prune(projectId, "project", daysAgo(90));
    return (await firstSeq(projectId)) === 6;
  });
  expect(await seqs(projectId)).toEqual([6, 7, 8, 9, 10]);
  await append(1);
  // From memory, or from the position of a reset on: either way nothing is missing behind it.
  let from = 1;
  const told: number[] = [];
  while ((told.at(-1) ?? from) < 11) {
    const { value } = await lagging.next();
    if (value?.reset) from = decodeCursor(value.cursor)?.seq ?? 0;
    told.push(...(value?.events ?? []).map(({ seq }) => seq));
  }
  expect([1, 5, 6, 7, 8, 9, 10, 11]).toContain(from);
  expect(told).toEqual(Array.from({ length: 11 - from }, (_, index) => from + 1 + index));
  streams.close();
});
