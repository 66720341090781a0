import { seedStory } from "@shiplog/core/live/testing";
import { sql } from "@shiplog/db";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { deferred, until } from "@shiplog/testkit/deferred";
import { connectSocket } from "@shiplog/testkit/socket";
import { openEvents } from "@shiplog/testkit/sse";
import { GraphQLError } from "graphql";
import { afterAll, expect, test } from "vitest";
import { beginAndEnd } from "./testing/cycles.ts";
import { RUN, type TestBatch } from "./testing/documents.ts";
import { upTo } from "./testing/follow.ts";
import { type LiveTestServer, startLiveServer } from "./testing/server.ts";

const ctx = await makeContext(await testDatabase());
const server = await startLiveServer(ctx, { limits: { messagesPerTenSeconds: Number.POSITIVE_INFINITY } });
afterAll(() => server.stop());

async function signedIn(on: LiveTestServer = server) {
  const story = await seedStory(ctx);
  const token = on.credential(await story.member());
  const client = await connectSocket(on.url, { params: { authorization: token } });
  const payload = { query: RUN, variables: { id: story.execution } };
  return { ...story, token, client, payload };
}

const idle = () => until(() => server.stats().operations === 0);

function seqsOf(message: object | null): number[] {
  const { payload } = message as { payload: { data: { batch: TestBatch } } };
  return payload.data.batch.events.map(({ seq }) => seq);
}

test("one id, begun and completed over and over without waiting, ends as one operation", async () => {
  const { client, payload, append } = await signedIn();
  await append(2);
  for (let i = 0; i < 20; i++) {
    client.send({ id: "one", type: "subscribe", payload });
    client.send({ id: "one", type: "complete" });
  }
  client.send({ id: "one", type: "subscribe", payload });
  const seqs = seqsOf(await client.control.next());
  expect(server.stats().operations).toBe(1);
  await append(2);
  seqs.push(...seqsOf(await client.control.next()));
  expect(seqs).toEqual(upTo(4));
  client.send({ id: "one", type: "complete" });
  await idle();
  expect(client.control.size).toBe(0);
  await client.close();
});

test("an operation completed while it catches up sends nothing behind what was under way", async () => {
  const { client, execution, append } = await signedIn();
  for (let i = 0; i < 8; i++) await append(50, { text: "x".repeat(8_000) });
  const operation = client.subscribe(RUN, { id: execution });
  await operation.data();
  operation.complete();
  await idle();
  client.send({ type: "ping" });
  expect(await client.control.next()).toEqual({ type: "pong" });
  const taken = operation.messages.size;
  await append(1);
  client.send({ type: "ping" });
  expect(await client.control.next()).toEqual({ type: "pong" });
  expect(operation.messages.size).toBe(taken);
  expect(server.stats()).toMatchObject({ operations: 0, groups: 0 });
  await client.close();
});

test("50 operations of one stream on one socket cost one execution a batch, and each gets everything", async () => {
  const { client, execution, append } = await signedIn();
  const operations = Array.from({ length: 50 }, () => client.subscribe(RUN, { id: execution }));
  await Promise.all(operations.map((operation) => operation.data()));
  const before = server.stats();
  await append(5);
  for (const operation of operations) expect(seqsOf(await operation.next())).toEqual(upTo(5));
  expect(server.stats().executions - before.executions).toBe(1);
  expect(server.stats().deliveries - before.deliveries).toBe(50);
  await client.close();
  await idle();
});

test("the same text is shared also when the server has forgotten it meanwhile", async () => {
  const { client, execution } = await signedIn();
  await client.subscribe(RUN, { id: execution }).data();
  // More documents than are kept.
  for (let n = 0; n < 600; n++) await client.subscribe(`{ a${n}: ok }`).next();
  await client.subscribe(RUN, { id: execution }).data();
  expect(server.stats()).toMatchObject({ operations: 2, groups: 1 });
  await client.close();
  await idle();
});

test("a database restored to an earlier state hands out nothing of the future that it lost", async () => {
  const { client, execution, executionId, append } = await signedIn();
  await append(5);
  const operations = [1, 2].map(() => client.subscribe(RUN, { id: execution }));
  const [first] = await Promise.all(operations.map((operation) => operation.data<{ batch: TestBatch }>()));
  await append(3);
  for (const operation of operations) expect(seqsOf(await operation.next())).toEqual([6, 7, 8]);
  await ctx.db.$executeRaw(sql`DELETE FROM stream_event WHERE stream_id = ${executionId}::uuid AND seq > 7`);
  await ctx.db.$executeRaw(sql`UPDATE stream_head SET seq = 7 WHERE stream_id = ${executionId}::uuid`);
  ctx.bus.wake([executionId]);
  for (const operation of operations)
    expect(await operation.data()).toMatchObject({ batch: { events: [], reset: true } });
  const late = client.subscribe(RUN, { id: execution, after: first?.batch.cursor });
  expect(seqsOf(await late.next())).toEqual([6, 7]);
  await client.close();
  await idle();
});

test("operations that are over leave nothing behind", () => beginAndEnd(ctx, server, 2_000));

test("a stream that opens after its time is over is let go", async () => {
  const opened = deferred();
  const hasty = await startLiveServer(ctx, {
    within: (work) => {
      void Promise.resolve(work()).then(() => opened.resolve());
      return Promise.reject(new GraphQLError("too late", { extensions: { code: "OPERATION_TIMEOUT" } }));
    },
  });
  const { client, execution, token } = await signedIn(hasty);
  expect(await client.subscribe(RUN, { id: execution }).next()).toMatchObject({
    type: "error",
    payload: [{ extensions: { code: "OPERATION_TIMEOUT" } }],
  });
  await opened.promise;
  const body = { query: RUN, variables: { id: execution } };
  const { response } = await openEvents(hasty.url, body, { authorization: token });
  expect(response.status).toBe(503);
  await until(() => hasty.stats().operations === 0);
  expect(hasty.stats()).toMatchObject({ operations: 0, groups: 0, eventStreams: 0 });
  await client.close();
  await hasty.stop();
});
