import { seedStory } from "@shiplog/core/live/testing";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { connectSocket } from "@shiplog/testkit/socket";
import { openEvents } from "@shiplog/testkit/sse";
import { afterAll, expect, test } from "vitest";
import { RUN, type TestBatch } from "./testing/documents.ts";
import { startLiveServer } from "./testing/server.ts";

const database = await testDatabase();
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const ctx = await makeContext(database, { log: quiet });
const server = await startLiveServer(ctx, { recheckHeadsMs: 50 });
afterAll(() => server.stop());

test("an outage of the database ends no stream; who comes meanwhile is told to come again", async () => {
  const story = await seedStory(ctx);
  const authorization = `Bearer ${server.credential(await story.member())}`;
  const [open, late] = await Promise.all(
    [1, 2].map(() => connectSocket(server.url, { params: { authorization } })),
  );
  const operation = open!.subscribe(RUN, { id: story.execution });
  await operation.data();
  await database.away(true);
  ctx.bus.wake([story.executionId]);
  late!.subscribe(RUN, { id: story.execution });
  expect(await late!.closed).toMatchObject({ code: 1013 });
  const body = { query: RUN, variables: { id: story.execution } };
  expect((await openEvents(server.url, body, { authorization })).response.status).toBe(503);
  // An event source gives up on a 503: it is told when to come back, and nothing else.
  const asked = new URLSearchParams({ query: RUN, variables: JSON.stringify(body.variables) });
  const source = await fetch(`${server.url}?${asked}`, {
    headers: { authorization, accept: "text/event-stream" },
  });
  expect(source.status).toBe(200);
  expect(await source.text()).toMatch(/^retry: \d+\n\n$/);
  await database.away(false);
  await story.append(2);
  const { batch } = await operation.data<{ batch: TestBatch }>();
  expect(batch.events.map((event) => event.seq)).toEqual([1, 2]);
  await open!.close();
});
