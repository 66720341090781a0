import { createHook } from "node:async_hooks";
import { seedStory } from "@shiplog/core/live/testing";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { deferred, until } from "@shiplog/testkit/deferred";
import { connectSocket, openSocket } from "@shiplog/testkit/socket";
import { type EventReader, openEvents } from "@shiplog/testkit/sse";
import { afterAll, expect, test } from "vitest";
import { LIMITS } from "../options.ts";
import { RUN } from "../testing/documents.ts";
import { startLiveServer } from "../testing/server.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const server = await startLiveServer(ctx, { limits: { connectionsPerActor: 1_000, initMs: 1_000 } });
afterAll(() => server.stop());

const headers = (authorization: string) => ({ authorization: `Bearer ${authorization}` });

/** Timers that are set now, referenced or not. */
function countTimers() {
  const set = new Set<number>();
  const hook = createHook({
    init: (id, type) => void (type === "Timeout" && set.add(id)),
    destroy: (id) => void set.delete(id),
  }).enable();
  return { now: () => set.size, stop: () => hook.disable() };
}

test("an open stream holds no timer, over WebSocket and SSE alike", async () => {
  const story = await seedStory(ctx);
  const authorization = server.credential(await story.member());
  const open = async () => {
    const client = await connectSocket(server.url, { params: { authorization } });
    await client.subscribe(RUN, { id: story.execution }).data();
    const body = { query: RUN, variables: { id: story.execution } };
    const reader = await openEvents(server.url, body, headers(authorization));
    await reader.message();
    return { client, reader };
  };
  const timers = countTimers();
  const opened = await Promise.all(Array.from({ length: 40 }, open));
  // What is left is the pool's, for its idle connections; the wait for `connection_init` ran out unused.
  await until(() => timers.now() < 30);
  timers.stop();
  for (const { client, reader } of opened) {
    reader.close();
    await client.close();
  }
});

test("a socket that does not introduce itself is closed with 4408; the time for it is 10 s", async () => {
  expect(LIMITS.initMs).toBe(10_000);
  const strict = await startLiveServer(ctx, { limits: { initMs: 100 } });
  const began = performance.now();
  const silent = await openSocket(strict.url, { params: false });
  expect(await silent.closed).toMatchObject({ code: 4408 });
  expect(performance.now() - began).toBeGreaterThanOrEqual(95);
  await strict.stop();
});

test("a server that goes down ends no subscription: no complete, and the cursor goes on elsewhere", async () => {
  const story = await seedStory(ctx);
  const user = await story.member();
  const leaving = await startLiveServer(ctx);
  const authorization = leaving.credential(user);
  const client = await connectSocket(leaving.url, { params: { authorization } });
  const operation = client.subscribe(RUN, { id: story.execution });
  const body = { query: RUN, variables: { id: story.execution } };
  const reader = await openEvents(leaving.url, body, headers(authorization));
  await operation.data();
  const { id } = (await reader.message()) ?? {};
  await leaving.stop();
  expect(await client.closed).toMatchObject({ code: 1012 });
  expect(await operation.next()).toBeNull();
  expect(await reader.message()).toBeNull();
  const row = await ctx.db.agentExecution.findUniqueOrThrow({ where: { id: story.executionId } });
  expect(row.status).toBe("running");
  await story.append(2, { ends: true });
  const elsewhere = await openEvents(server.url, body, {
    ...headers(server.credential(user)),
    "last-event-id": id ?? "",
  });
  expect(await elsewhere.message()).toMatchObject({
    data: { data: { batch: { events: [{ seq: 1 }, { seq: 2 }], reset: false } } },
  });
  expect(await elsewhere.message()).toMatchObject({ event: "complete" });
});

test("a stream that was asked for before a server went down, and is let in after, is told to come back", async () => {
  const story = await seedStory(ctx);
  const [asked, counted] = [deferred(), deferred()];
  const leaving = await startLiveServer(ctx, {
    admit: async () => {
      asked.resolve();
      await counted.promise;
      return { refused: null, headers: {} };
    },
  });
  const authorization = headers(leaving.credential(await story.member()));
  const opening = openEvents(leaving.url, { query: RUN, variables: { id: story.execution } }, authorization);
  await asked.promise;
  await leaving.drain();
  counted.resolve();
  expect((await opening).response.status).toBe(503);
  expect(leaving.stats()).toMatchObject({ eventStreams: 0, operations: 0, groups: 0 });
  await leaving.stop();
});

test("a response begins with the pause after which to come back: a second on average, at random", async () => {
  const story = await seedStory(ctx);
  const authorization = headers(server.credential(await story.member()));
  const asked = { query: RUN, variables: { id: story.execution } };
  const readers = await Promise.all(
    Array.from({ length: 5 }, () => openEvents(server.url, asked, authorization)),
  );
  const pauses = await Promise.all(readers.map(pauseOf));
  for (const pause of pauses) expect(Math.abs(pause - LIMITS.retryMs)).toBeLessThanOrEqual(500);
  expect(new Set(pauses).size).toBeGreaterThan(1);
  for (const reader of readers) reader.close();
});

async function pauseOf(reader: EventReader): Promise<number> {
  return Number((await reader.next())?.retry);
}
