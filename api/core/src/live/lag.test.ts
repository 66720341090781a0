import { createDb } from "@shiplog/db";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { proxyDatabase } from "@shiplog/testkit/proxy";
import { afterAll, expect, test } from "vitest";
import type { CommittedEvents } from "../ports.ts";
import { encodeCursor } from "./cursor.ts";
import type { Batch } from "./position.ts";
import type { StreamReader } from "./reader.ts";
import { createStreams } from "./streams.ts";
import { seedStory } from "./testing/seed.ts";

const database = await testDatabase();
// Two processes: the writer's wake-ups do not reach the reader's.
const here = await makeContext(database);
const there = await makeContext(database);
const streams = createStreams(here, { recheckHeadsMs: 600_000, recheckAccessMs: 600_000 });
afterAll(() => streams.close());

async function next(reader: StreamReader): Promise<Batch> {
  const result = await reader.next();
  if (result.done) throw new Error("the stream is over");
  return result.value;
}

async function behind(count: number) {
  const story = await seedStory(there);
  const actor = await story.member();
  const open = (more: { after?: string; tail?: number } = {}) =>
    streams.open({ kind: "agent_execution", id: story.execution, actor, ...more });
  const watching = await open();
  await next(watching);
  await story.append(count);
  return { ...story, open, watching };
}

test("a good cursor of the true head is honoured although this process lags by more than a page", async () => {
  const { open, executionId } = await behind(1_200);
  const reader = await open({
    after: encodeCursor({ streamId: executionId, seq: 1_200, epoch: here.epoch }),
  });
  const batch = await next(reader);
  expect(batch.reset).toBe(false);
});

test("tail 3 gives at most the last 3", async () => {
  const { open } = await behind(1_200);
  const reader = await open({ tail: 3 });
  const batch = await next(reader);
  expect(batch.events.map((e) => e.seq)).toEqual([1_198, 1_199, 1_200]);
});

test("only the batch at the head says that it is", async () => {
  const { executionId, watching } = await behind(1_200);
  here.bus.wake([executionId]);
  const seen: [number, boolean][] = [];
  for (let last = 0; last < 1_200; ) {
    const batch = await next(watching);
    last = batch.events.at(-1)?.seq ?? last;
    seen.push([last, batch.caughtUp]);
  }
  expect(seen.filter(([, caughtUp]) => caughtUp)).toEqual([[1_200, true]]);
});

test("the batch at the head says so also where the rest of a large commit comes sooner than the next page", async () => {
  const { executionId, append, watching } = await behind(0);
  let grown: readonly CommittedEvents[] = [];
  const stop = there.bus.onWake((_ids, committed) => {
    grown = committed ?? [];
  });
  await append(600);
  stop();
  const first = next(watching);
  here.bus.wake([executionId]);
  expect((await first).caughtUp).toBe(false);
  here.bus.wake([executionId], grown);
  const seen: [number | undefined, boolean][] = [];
  while (seen.at(-1)?.[0] !== 600) {
    const { events, caughtUp } = await next(watching);
    seen.push([events.at(-1)?.seq, caughtUp]);
  }
  expect(seen.at(-1)).toEqual([600, true]);
});

test("a batch of texts that are no ASCII keeps within 24 KiB of data", async () => {
  const story = await seedStory(here);
  const reader = await streams.open({
    kind: "agent_execution",
    id: story.execution,
    actor: await story.member(),
  });
  await next(reader);
  const pending = next(reader);
  await story.append(12, { text: "漢".repeat(1_900) });
  const { events } = await pending;
  const bytes = events.reduce((sum, { data }) => sum + Buffer.byteLength(JSON.stringify(data)), 0);
  expect(events.length === 1 || bytes <= 24 * 1024).toBe(true);
});

test("what this process commits is told while the log does not answer what others did", async () => {
  const { proxy, url } = await proxyDatabase(database.url);
  let onStatement = () => {};
  const db = createDb(url, {
    max: 3,
    onStatement: () => {
      onStatement();
      return () => {};
    },
  });
  const read = createStreams({ ...here, db }, { recheckHeadsMs: 600_000, recheckAccessMs: 600_000 });
  const story = await seedStory(here);
  const reader = await read.open({
    kind: "agent_execution",
    id: story.execution,
    actor: await story.member(),
  });
  await next(reader);
  proxy.blackhole({ keep: true });
  const asked = new Promise<void>((resolve) => {
    onStatement = resolve;
  });
  here.bus.wake([story.executionId]);
  await asked;
  // Behind that read there is one more to come.
  here.bus.wake([story.executionId]);
  const pending = next(reader);
  await story.append(2);
  expect((await pending).events.map(({ seq }) => seq)).toEqual([1, 2]);
  proxy.heal();
  await story.append(1);
  expect((await next(reader)).events.map(({ seq }) => seq)).toEqual([3]);
  read.close();
  await db.$disconnect();
  await proxy.close();
});
