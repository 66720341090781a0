import { seedStory } from "@shiplog/core/live/testing";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { connectSocket, openSocket, type SocketOperation, UpgradeRefused } from "@shiplog/testkit/socket";
import { afterAll, expect, test } from "vitest";
import { LIMITS } from "./options.ts";
import { PROJECT, RUN, type TestBatch } from "./testing/documents.ts";
import { ORIGIN, startLiveServer } from "./testing/server.ts";

const database = await testDatabase();
const logged: unknown[] = [];
const quiet = { debug() {}, info() {}, warn() {}, error: (fields: object) => void logged.push(fields) };
const ctx = await makeContext(database, { log: quiet });
const server = await startLiveServer(ctx, { limits: { operationsPerSocket: 3, connectionsPerActor: 4 } });
afterAll(() => server.stop());

async function signedIn() {
  const story = await seedStory(ctx);
  const token = server.credential(await story.member());
  const client = await connectSocket(server.url, { params: { authorization: `Bearer ${token}` } });
  return { ...story, token, client };
}

async function batch(operation: SocketOperation): Promise<TestBatch> {
  return (await operation.data<{ batch: TestBatch }>()).batch;
}

const seqs = ({ events }: TestBatch) => events.map((event) => event.seq);

test("history and live join, and the operation completes after the terminal event", async () => {
  const { client, append, execution } = await signedIn();
  await append(3, { text: "a" });
  const operation = client.subscribe(RUN, { id: execution });
  expect(await batch(operation)).toMatchObject({
    events: [1, 2, 3].map((seq) => ({ seq, text: "a" })),
    caughtUp: true,
    reset: false,
  });
  await append(2, { ends: true });
  expect(seqs(await batch(operation))).toEqual([4, 5]);
  expect(await operation.next()).toMatchObject({ type: "complete" });
  await client.close();
});

test("a socket that sends too many messages is closed", async () => {
  const { client } = await signedIn();
  for (let i = 0; i <= LIMITS.messagesPerTenSeconds; i++) client.send({ type: "ping" });
  expect(await client.closed).toMatchObject({ code: 4429, reason: "Too many messages" });
});

test("tail, after, and a cursor that cannot be honoured", async () => {
  const { client, append, execution, project } = await signedIn();
  await append(5);
  const tail = await batch(client.subscribe(RUN, { id: execution, tail: 2 }));
  expect(seqs(tail)).toEqual([4, 5]);
  expect(seqs(await batch(client.subscribe(RUN, { id: execution, after: tail.cursor })))).toEqual([]);
  expect(await batch(client.subscribe(RUN, { id: execution, after: "x" }))).toMatchObject({ reset: true });
  await client.close();
  const other = await connectSocket(server.url, {
    params: { authorization: server.credential(await (await seedStory(ctx)).member()) },
  });
  expect(await other.subscribe(PROJECT, { id: project }).next()).toMatchObject({
    type: "error",
    payload: [{ extensions: { code: "NOT_FOUND" } }],
  });
  await other.close();
});

const LEFT_OUT = "broken @skip(if: true)";

test.each([
  ["after and tail", RUN, { after: "x", tail: 1 }, "INVALID_INPUT"],
  ["a syntax error", "subscription {", {}, "GRAPHQL_PARSE_FAILED"],
  ["an unknown field", "subscription { nothing }", {}, "GRAPHQL_VALIDATION_FAILED"],
  ["a root field left out", `subscription { ${LEFT_OUT} }`, {}, "GRAPHQL_VALIDATION_FAILED"],
  [
    "one in a fragment",
    `subscription { ...F } fragment F on Subscription { ${LEFT_OUT} }`,
    {},
    "GRAPHQL_VALIDATION_FAILED",
  ],
  [
    "a fragment left out",
    "subscription { ... @include(if: false) { broken } }",
    {},
    "GRAPHQL_VALIDATION_FAILED",
  ],
  ["a query", "{ ok }", {}, "SUBSCRIPTIONS_ONLY"],
  ["a mutation", "mutation { ok }", {}, "SUBSCRIPTIONS_ONLY"],
  ["no operation", "subscription A { broken } subscription B { broken }", {}, "BAD_REQUEST"],
  ["a bug", "subscription { broken }", {}, "INTERNAL_SERVER_ERROR"],
  ["too many tokens", `subscription { ${"broken ".repeat(2000)} }`, {}, "GRAPHQL_PARSE_FAILED"],
])("%s is answered as an error, and the socket stays", async (_name, query, variables, code) => {
  const { client, execution } = await signedIn();
  const refused = await client.subscribe(query, { id: execution, ...variables }).next();
  expect(refused).toMatchObject({ type: "error", payload: [{ extensions: { code } }] });
  expect(JSON.stringify(refused)).not.toContain("secret");
  expect(await batch(client.subscribe(RUN, { id: execution }))).toMatchObject({ events: [] });
  await client.close();
});

test("an unexpected error inside a batch is masked and logged under the id that the client is given", async () => {
  const { client, append, execution } = await signedIn();
  await append(1);
  const query = `subscription ($id: ID!) { batch: agentExecutionEvents(id: $id) { events { seq failing } } }`;
  const message = await client.subscribe(query, { id: execution }).next();
  expect(message).toMatchObject({
    payload: {
      data: { batch: { events: [{ seq: 1, failing: null }] } },
      errors: [{ message: "Unexpected error.", extensions: { code: "INTERNAL_SERVER_ERROR" } }],
    },
  });
  expect(JSON.stringify(message)).not.toContain("secret");
  const [failure] = message?.type === "next" ? (message.payload.errors ?? []) : [];
  const requestId = failure?.extensions?.reference;
  expect(logged).toContainEqual(expect.objectContaining({ requestId }));
  await client.close();
});

test("an operation that the client completes lets go, even while it is idle", async () => {
  const { client, append, execution } = await signedIn();
  const operations = Array.from({ length: 3 }, () => client.subscribe(RUN, { id: execution }));
  await Promise.all(operations.map(batch));
  expect(await client.subscribe(RUN, { id: execution }).next()).toMatchObject({
    type: "error",
    payload: [{ extensions: { code: "TOO_MANY_OPERATIONS" } }],
  });
  operations[0]!.complete();
  const [again] = [client.subscribe(RUN, { id: execution })];
  expect(await batch(again)).toMatchObject({ events: [] });
  await append(1);
  expect(seqs(await batch(again))).toEqual([1]);
  expect(operations[0]!.messages.size).toBe(0);
  await client.close();
});

test("a page of another origin is refused before the handshake; a cookie needs the right one", async () => {
  const { member, client } = await signedIn();
  await client.close();
  const cookie = `session=${server.credential(await member())}`;
  const evil = openSocket(server.url, { headers: { origin: "http://evil.example", cookie } });
  await expect(evil).rejects.toThrow(new UpgradeRefused(403));
  await expect(openSocket(`${server.url}x`)).rejects.toThrow(new UpgradeRefused(404));
  const noOrigin = await openSocket(server.url, { headers: { cookie } });
  expect(await noOrigin.closed).toMatchObject({ code: 4403 });
  const own = await connectSocket(server.url, { headers: { origin: ORIGIN, cookie } });
  await own.close();
});

test.each([
  ["no credential", undefined, 4403],
  ["an access token that is not valid", { authorization: "Bearer a.b.c" }, 4403],
  ["a key that is not valid", { authorization: "shk_nope" }, 4401],
])("%s closes the socket", async (_name, params, code) => {
  const client = await openSocket(server.url, { params });
  expect(await client.closed).toMatchObject({ code });
});

test("what breaks the protocol closes the socket with its code", async () => {
  const { client, token } = await signedIn();
  client.send("no JSON");
  expect(await client.closed).toMatchObject({ code: 4400 });
  const early = await openSocket(server.url, { params: false });
  early.subscribe(RUN);
  expect(await early.closed).toMatchObject({ code: 4401 });
  const large = await connectSocket(server.url, { params: { authorization: token } });
  large.send({ type: "ping", payload: { text: "x".repeat(70_000) } });
  expect(await large.closed).toMatchObject({ code: 1009 });
  const old = await openSocket(server.url, { protocol: "graphql-ws" }).catch((error: Error) => error);
  expect(old instanceof Error || (await old.closed).code === 4406).toBe(true);
});

test("one actor holds a limited number of sockets; a closed one makes room", async () => {
  const { client, token } = await signedIn();
  const params = { authorization: token };
  const more = await Promise.all([1, 2, 3].map(() => connectSocket(server.url, { params })));
  const over = await openSocket(server.url, { params });
  expect(await over.closed).toMatchObject({ code: 4429 });
  await more[0]!.close();
  await (await connectSocket(server.url, { params })).close();
  for (const socket of [client, ...more.slice(1)]) await socket.close();
});

test("a socket that says nothing is closed, one that does not answer pings is cut off", async () => {
  const limits = { initMs: 50, keepAliveMs: 50, stallMs: 100 };
  const strict = await startLiveServer(ctx, { limits });
  const silent = await openSocket(strict.url, { params: false });
  expect(await silent.closed).toMatchObject({ code: 4408 });
  const token = strict.credential(await (await seedStory(ctx)).member());
  const [dead, alive] = [1, 2].map(() => connectSocket(strict.url, { params: { authorization: token } }));
  (await dead!).socket.on("ping", () => {});
  Object.assign((await dead!).socket, { pong: () => {} });
  expect(await (await dead!).closed).toMatchObject({ code: 1006 });
  expect((await alive!).socket.readyState).toBe(1);
  await strict.stop();
  expect(await (await alive!).closed).toMatchObject({ code: 1012 });
});
