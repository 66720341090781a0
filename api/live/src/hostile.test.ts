import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { seedStory } from "@shiplog/core/live/testing";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { deferred, until } from "@shiplog/testkit/deferred";
import { connectSocket, openSocket } from "@shiplog/testkit/socket";
import { EventReader, openEvents } from "@shiplog/testkit/sse";
import { afterAll, expect, test } from "vitest";
import { MOST_BUFFERED } from "./stall.ts";
import { RUN, type TestBatch } from "./testing/documents.ts";
import { upTo } from "./testing/follow.ts";
import { memory } from "./testing/memory.ts";
import { startLiveServer } from "./testing/server.ts";

const ctx = await makeContext(await testDatabase());
// Nobody is looked over but when access changes.
const server = await startLiveServer(ctx, {
  limits: { messagesPerTenSeconds: Number.POSITIVE_INFINITY },
  recheckAccessMs: 600_000,
});
afterAll(() => server.stop());

async function signedIn() {
  const story = await seedStory(ctx);
  const actor = await story.member();
  const token = server.credential(actor);
  const client = await connectSocket(server.url, { params: { authorization: token } });
  return { ...story, actor, token, client };
}

const post = (token: string, body: string) =>
  fetch(server.url, {
    method: "POST",
    headers: { authorization: token, accept: "text/event-stream", "content-type": "application/json" },
    body,
  });

const TEXT = `subscription ($id: ID!) { batch: agentExecutionEvents(id: $id) { events { text } } }`;

test("an id goes in front of every message: 128 characters, in any letters, and not one more", async () => {
  const { client, execution, append } = await signedIn();
  const payload = { query: TEXT, variables: { id: execution } };
  const text = "x".repeat(8_000);
  await append(1, { text });
  const id = "ü".repeat(128);
  client.send({ id, type: "subscribe", payload });
  expect(await client.control.next()).toEqual({
    id,
    type: "next",
    payload: { data: { batch: { events: [{ text }] } } },
  });
  client.send({ id: `${id}x`, type: "subscribe", payload });
  expect(await client.closed).toMatchObject({ code: 4400 });
});

test("whoever asks and takes no answers is not heard until he has taken them", async () => {
  const { client } = await signedIn();
  client.socket.pause();
  const x = "x".repeat(60_000);
  // More than the kernels take.
  const count = 600;
  for (let n = 0; n < count; n++) client.send({ type: "ping", payload: { n, x } });
  await until(() => server.waiting() > MOST_BUFFERED);
  const left = client.socket.bufferedAmount;
  expect(left).toBeGreaterThan(0);
  let most = 0;
  client.socket.resume();
  for (let n = 0; n < count; n++) {
    expect(await client.control.next()).toEqual({ type: "pong", payload: { n, x } });
    most = Math.max(most, server.waiting());
  }
  expect(most).toBeLessThan(4 * MOST_BUFFERED);
  await client.close();
});

test("sockets that come and go without a word leave nothing behind", async () => {
  const run = async (count: number) => {
    for (let i = 0; i < count; i++) (await openSocket(server.url, { params: false })).kill();
    await until(() => server.stats().sockets === 0);
  };
  await run(200);
  const before = await memory();
  await run(1_000);
  expect((await memory()).heap - before.heap).toBeLessThan(1_000 * 1_024);
});

const DEEP = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;

test("variables nested without end close the socket, and are no request for an event stream", async () => {
  const { client, execution, token } = await signedIn();
  const payload = `{"query":${JSON.stringify(RUN)},"variables":{"id":"${execution}","deep":${DEEP}}}`;
  client.send(`{"id":"1","type":"subscribe","payload":${payload}}`);
  expect(await client.closed).toMatchObject({ code: 4400 });
  expect((await post(token, payload)).status).toBe(418);
});

async function rawSocket(port = server.port): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  await once(socket, "connect");
  return socket;
}

const bodyOf = (execution: string) => JSON.stringify({ query: RUN, variables: { id: execution } });

/** The request of a stream, and the last byte of its body. */
function request(token: string, execution: string) {
  const body = bodyOf(execution);
  const head = [
    "POST /graphql HTTP/1.1",
    "host: shiplog",
    `authorization: ${token}`,
    "accept: text/event-stream",
    "content-type: application/json",
    `content-length: ${body.length}`,
    "\r\n",
  ].join("\r\n");
  return { first: head + body.slice(0, -1), last: body.slice(-1) };
}

test("a peer that closes its half of the connection ends its stream, over both transports", async () => {
  const { client, token, execution } = await signedIn();
  await client.subscribe(RUN, { id: execution }).data();
  const raw = await rawSocket();
  const { first, last } = request(token, execution);
  raw.write(first + last);
  await once(raw, "data");
  expect(server.stats()).toMatchObject({ operations: 2, eventStreams: 1 });
  const closed = Promise.all([once(raw, "close"), client.closed]);
  raw.resume().end();
  (client.socket as unknown as { _socket: Socket })._socket.end();
  await closed;
  await until(() => server.stats().sockets === 0);
  expect(server.stats()).toMatchObject({ operations: 0, eventStreams: 0, groups: 0 });
});

test("whoever goes while he is let in, with requests in a row as well, leaves nothing behind and keeps no place", async () => {
  let asked = 0;
  const counted = deferred();
  const busy = await startLiveServer(ctx, {
    limits: { connectionsPerActor: 1 },
    admit: async () => {
      asked++;
      await counted.promise;
      return { refused: null, headers: {} };
    },
  });
  const [one, other] = await Promise.all([seedStory(ctx), seedStory(ctx)]);
  const [reader, socketReader] = [busy.credential(await one.member()), busy.credential(await other.member())];
  const raw = await rawSocket(busy.port);
  const { first, last } = request(reader, one.execution);
  raw.write((first + last).repeat(2));
  const client = await connectSocket(busy.url, { params: { authorization: socketReader } });
  client.subscribe(RUN, { id: other.execution });
  await until(() => asked === 3);
  raw.destroy();
  client.socket.terminate();
  await until(() => busy.connections() === 0);
  counted.resolve();
  const body = { query: RUN, variables: { id: one.execution } };
  const events = await openEvents(busy.url, body, { authorization: reader });
  expect(events.response.status).toBe(200);
  const again = await connectSocket(busy.url, { params: { authorization: socketReader } });
  await again.subscribe(RUN, { id: other.execution }).data();
  expect(busy.stats()).toMatchObject({ sockets: 1, eventStreams: 1, operations: 2 });
  events.close();
  await again.close();
  await busy.stop();
});

test("a session that ends while its request still comes in gets no event stream", async () => {
  const { client, actor, token, execution } = await signedIn();
  const raw = await rawSocket();
  const { first, last } = request(token, execution);
  const before = server.requests();
  raw.write(first);
  await until(() => server.requests() > before);
  await ctx.db.session.update({ where: { id: actor.sessionId }, data: { revokedAt: ctx.clock.now() } });
  ctx.bus.accessChanged();
  expect(await client.closed).toMatchObject({ code: 4401 });
  raw.write(last);
  await until(() => raw.bytesRead > 0 && server.stats().eventStreams === 0, 1_000);
  raw.destroy();
});

test("an event stream that is read slowly holds little meanwhile, and gets everything in order", async () => {
  const { client, token, execution, append } = await signedIn();
  await client.close();
  const response = await post(token, bodyOf(execution));
  let most = 0;
  // More than the kernels take.
  for (let i = 0; i < 20; i++) {
    await append(50, { text: "x".repeat(8_000) });
    most = Math.max(most, server.waiting());
  }
  await append(1, { ends: true });
  await until(() => server.waiting() > 0);
  const reader = new EventReader(response, new AbortController());
  const seqs: number[] = [];
  type Data = { data: { batch: TestBatch } };
  for (let next = await reader.message<Data>(); next?.event === "next"; next = await reader.message<Data>()) {
    most = Math.max(most, server.waiting());
    seqs.push(...next.data.data.batch.events.map(({ seq }) => seq));
  }
  expect(seqs).toEqual(upTo(1_001));
  expect(most).toBeLessThanOrEqual(MOST_BUFFERED);
});
