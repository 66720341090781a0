import { seedStory } from "@shiplog/core/live/testing";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { until } from "@shiplog/testkit/deferred";
import { connectSocket } from "@shiplog/testkit/socket";
import { afterAll, expect, test } from "vitest";
import { RUN, type TestBatch } from "./testing/documents.ts";
import { upTo } from "./testing/follow.ts";
import { startLiveServer } from "./testing/server.ts";
import { stallReaders } from "./testing/stall.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const server = await startLiveServer(ctx, { limits: { stallMs: 600_000 } });
afterAll(() => server.stop());

test("readers that stop reading cost the others nothing and the process no memory, and catch up later", () =>
  stallReaders(ctx, server, { events: 2_000, stalled: 2 }));

test("nothing is made for readers that take nothing, and they get everything once they do", async () => {
  const story = await seedStory(ctx);
  const token = server.credential(await story.member());
  const open = async (query: string) => {
    const client = await connectSocket(server.url, { params: { authorization: token } });
    const operation = client.subscribe(query, { id: story.execution });
    await operation.data();
    return { client, operation };
  };
  const stalled = await open(RUN);
  const healthy = await open(RUN.replace("caughtUp", ""));
  stalled.client.socket.pause();
  let last = 0;
  const grow = async (count: number, text = "") => {
    last = await story.append(count, { text });
    let batches = 0;
    for (let seen = 0; seen < last; batches++)
      seen = (await healthy.operation.data<{ batch: TestBatch }>()).batch.events.at(-1)?.seq ?? seen;
    return batches;
  };
  // Until all that is delivered is the healthy one's.
  for (let others = 1; others > 0; ) {
    const { deliveries } = server.stats();
    others = -(await grow(50, "x".repeat(8_000))) + server.stats().deliveries - deliveries;
  }
  const { executions } = server.stats();
  let batches = 0;
  for (let n = 0; n < 20; n++) batches += await grow(1);
  expect(server.stats().executions - executions).toBe(batches);
  stalled.client.socket.resume();
  const seqs: number[] = [];
  while ((seqs.at(-1) ?? 0) < last)
    seqs.push(...(await stalled.operation.data<{ batch: TestBatch }>()).batch.events.map(({ seq }) => seq));
  expect(seqs).toEqual(upTo(last));
  await Promise.all([stalled.client.close(), healthy.client.close()]);
});

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
