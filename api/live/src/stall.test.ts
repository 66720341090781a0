import { once } from "node:events";
import { connect } from "node:net";
import { seedStory } from "@shiplog/core/live/testing";
import { createTestClock } from "@shiplog/testkit/clock";
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

test(
  "readers that stop reading cost the others nothing and the process no memory, and catch up later",
  {
    timeout: 60_000,
  },
  () => stallReaders(ctx, server, { events: 2_000, stalled: 2 }),
);

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

test.each(["is forbidden", "is interrupted"])(
  "an event stream that %s before a reader who takes nothing does not hold its connection for ever",
  async (how) => {
    const clock = createTestClock();
    const timed = await makeContext(database, { clock });
    const limits = { keepAliveMs: 40, stallMs: 400, expiryMs: 20 };
    const hopeless = await startLiveServer(timed, { limits });
    const story = await seedStory(timed);
    const actor = await story.member();
    const expiresAt = new Date(clock.now().getTime() + 1_000);
    const raw = connect({ port: hopeless.port, host: "127.0.0.1" });
    const asked = RUN.replace("seq", "seq long(bytes: 1000000)");
    const query = new URLSearchParams({ query: asked, variables: JSON.stringify({ id: story.execution }) });
    const authorization = hopeless.credential(actor, expiresAt);
    raw.write(
      `GET /graphql?${query} HTTP/1.1\r\nhost: a\r\naccept: text/event-stream\r\nauthorization: ${authorization}\r\n\r\n`,
    );
    await once(raw, "data");
    raw.pause();
    // More than the kernels take.
    await story.append(30);
    let [seen, looks] = [0, 0];
    await until(() => {
      const { deliveries } = hopeless.stats();
      looks = hopeless.waiting() > 0 && deliveries === seen ? looks + 1 : 0;
      seen = deliveries;
      return looks > 5;
    });
    if (how === "is interrupted") clock.advance(1_000);
    if (how === "is forbidden") {
      await timed.db.projectMember.deleteMany({ where: { userId: actor.userId } });
      timed.bus.accessChanged();
    }
    await until(() => hopeless.stats().eventStreams === 0 && hopeless.connections() === 0);
    raw.destroy();
    await hopeless.stop();
  },
);
