import { seedStory } from "@shiplog/core/live/testing";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { until } from "@shiplog/testkit/deferred";
import { connectSocket } from "@shiplog/testkit/socket";
import { afterAll, expect, test } from "vitest";
import { RUN, type TestBatch } from "./testing/documents.ts";
import { startLiveServer } from "./testing/server.ts";
import { stallReaders } from "./testing/stall.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const server = await startLiveServer(ctx, { limits: { stallMs: 600_000 } });
afterAll(() => server.stop());

test("readers that stop reading cost the others nothing and the process no memory, and catch up later", () =>
  stallReaders(ctx, server, { events: 2_000, stalled: 2 }));

test("a reader that takes nothing for too long is cut off, and goes on with its cursor", async () => {
  const hopeless = await startLiveServer(ctx, { limits: { keepAliveMs: 40, stallMs: 100 } });
  const story = await seedStory(ctx);
  const token = hopeless.credential(await story.member());
  const client = await connectSocket(hopeless.url, { params: { authorization: token } });
  const operation = client.subscribe(RUN, { id: story.execution });
  const received = [(await operation.data<{ batch: TestBatch }>()).batch];
  client.socket.pause();
  for (let i = 0; i < 40; i++) await story.append(100, { text: "x".repeat(8_000) });
  await story.append(1, { ends: true });
  await until(() => hopeless.connections() === 0);
  client.socket.resume();
  for (const message of await operation.rest()) {
    if (message.type === "next") received.push((message.payload.data as { batch: TestBatch }).batch);
  }
  expect(await client.closed).toMatchObject({ code: 1006 });
  const after = received.at(-1)!.cursor;
  const again = await connectSocket(hopeless.url, { params: { authorization: token } });
  const { batch } = await again.subscribe(RUN, { id: story.execution, after }).data<{ batch: TestBatch }>();
  expect(batch.events[0]!.seq).toBe((received.at(-1)!.events.at(-1)?.seq ?? 0) + 1);
  await hopeless.stop();
});
