import { connectSocket, openSocket, type SocketClient, UpgradeRefused } from "@shiplog/testkit/socket";
import { openEvents } from "@shiplog/testkit/sse";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Data, RUN } from "../record.ts";
import { theWorld } from "../world.ts";

const world = theWorld();

async function signedIn() {
  const story = await world.story();
  const reader = await story.reader();
  const client = await connectSocket(world.url, { params: { authorization: reader.token } });
  return { ...story, ...reader, client };
}

const first = async (client: SocketClient, id: string) =>
  (await client.subscribe(RUN, { id }).data<Data>()).batch;

const TEXT = `subscription ($id: ID!) { batch: agentExecutionEvents(id: $id) {
  events { ... on AgentTextDelta { text } } } }`;

const TEXTS_AGAIN = `subscription ($id: ID!) { batch: agentExecutionEvents(id: $id, tail: 1) {
  events { ... on AgentTextDelta { a: text b: text c: text d: text e: text f: text } } } }`;

/** More objects than a document may touch. */
const COSTLY = `subscription ($id: ID!) { batch: projectEvents(projectId: $id) { cursor events {
  ... on AIActivitiesRecorded { activities(first: 100) { codeChanges { path } } } } } }`;

test("a document that costs too much is the operation's end, over both transports, and the socket stays", async () => {
  const { client, execution, project, token } = await signedIn();
  const refused = await client.subscribe(COSTLY, { id: project }).next();
  expect(refused).toMatchObject({ type: "error", payload: [{ extensions: { code: "QUERY_TOO_COMPLEX" } }] });
  const body = { query: COSTLY, variables: { id: project } };
  const { response } = await openEvents(world.url, body, { authorization: `Bearer ${token}` });
  expect(response.status).toBe(400);
  expect(await first(client, execution)).toMatchObject({ events: [] });
  await client.close();
});

test("an upgrade may carry the credential in its own header", async () => {
  const { client, execution, token } = await signedIn();
  const headed = await connectSocket(world.url, { headers: { authorization: `Bearer ${token}` } });
  expect(await first(headed, execution)).toMatchObject({ events: [], caughtUp: true });
  await Promise.all([client.close(), headed.close()]);
});

test("an id used twice closes with 4409, a second connection_init with 4429, no subprotocol with 4406", async () => {
  const [twice, again] = await Promise.all([signedIn(), signedIn()]);
  const payload = { query: RUN, variables: { id: twice.execution } };
  for (let i = 0; i < 2; i++) twice.client.send({ id: "one", type: "subscribe", payload });
  expect(await twice.client.closed).toMatchObject({ code: 4409 });
  again.client.send({ type: "connection_init" });
  expect(await again.client.closed).toMatchObject({ code: 4429 });
  const bare = new WebSocket(world.url.replace(/^http/, "ws"));
  expect(await new Promise((resolve) => bare.once("close", resolve))).toBe(4406);
});

test("an operation that was completed on the way sends nothing more; its id may be used again", async () => {
  const { client, execution, append } = await signedIn();
  const operation = client.subscribe(RUN, { id: execution });
  await operation.data();
  operation.complete();
  client.send({ type: "ping", payload: { n: 1 } });
  expect(await client.control.next()).toEqual({ type: "pong", payload: { n: 1 } });
  await append(1);
  const payload = { query: RUN, variables: { id: execution } };
  client.send({ id: operation.id, type: "subscribe", payload });
  expect((await operation.data<Data>()).batch.events).toMatchObject([{ seq: 1 }]);
  await client.close();
});

/** Answers that cross each limit of a frame's header, and of how it is written; ASCII, Latin-1 and beyond. */
const TEXTS = ["x", "ü", "é€", "😀"].flatMap((letter) =>
  [1, 50, 200, 3_900, 7_900, 8_100, 14_000].map((length) =>
    letter.repeat(Math.ceil(length / Buffer.byteLength(letter))),
  ),
);

test("text of any length and in any letters comes as it was written", async () => {
  const { client, execution, append } = await signedIn();
  const operation = client.subscribe(TEXT, { id: execution });
  await operation.data();
  for (const text of TEXTS) {
    await append(1, { text });
    const { batch } = await operation.data<{ batch: { events: { text: string }[] } }>();
    expect(batch.events).toEqual([{ text }]);
  }
  operation.complete();
  // Above 64 KiB, where the header has eight bytes for the length.
  const [text] = TEXTS.slice(-1);
  const many = await client.subscribe(TEXTS_AGAIN, { id: execution }).data<Data>();
  expect(many.batch.events).toEqual([{ a: text, b: text, c: text, d: text, e: text, f: text }]);
  await client.close();
});

test("two streams on one socket each keep their order and their cursor", async () => {
  const { client, execution, append } = await signedIn();
  const [whole, late] = [
    client.subscribe(RUN, { id: execution }),
    client.subscribe(RUN, { id: execution, tail: 0 }),
  ];
  await Promise.all([whole.data(), late.data()]);
  for (let i = 0; i < 20; i++) await append(3);
  for (const operation of [whole, late]) {
    const seqs: number[] = [];
    while (seqs.length < 60) {
      const { batch } = await operation.data<Data>();
      seqs.push(...batch.events.map((event) => event.seq));
    }
    expect(seqs).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  }
  await client.close();
});

test("a page: tail 0, the state after the first batch, then events; what the state shows already is told again", async () => {
  const { client, project, finish, execution, token } = await signedIn();
  const document = `subscription ($id: ID!) { batch: projectEvents(projectId: $id, tail: 0) {
    cursor caughtUp reset events { seq ... on AgentExecutionChanged { status } } } }`;
  const operation = client.subscribe(document, { id: project });
  expect((await operation.data<Data>()).batch).toMatchObject({ events: [], caughtUp: true });
  await finish();
  const answer = await fetch(world.url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({
      query: "query ($id: ID!) { node(id: $id) { ... on AgentExecution { status } } }",
      variables: { id: execution },
    }),
  });
  expect(await answer.json()).toEqual({ data: { node: { status: "COMPLETED" } } });
  expect((await operation.data<Data>()).batch.events).toMatchObject([{ status: "COMPLETED" }]);
  await client.close();
});

test("an upgrade from a foreign origin is refused before the handshake", async () => {
  await expect(openSocket(world.url, { headers: { origin: "http://evil.example" } })).rejects.toThrow(
    new UpgradeRefused(403),
  );
});

test.each([
  ["text/event-stream", 'event: next\ndata: {"data":{"__typename":"Query"}}\n\nevent: complete\n'],
  ["text/event-stream, application/json", '{"data":{"__typename":"Query"}}'],
])("a query that accepts %s is answered as GraphQL over HTTP", async (accept, expected) => {
  const { client, token } = await signedIn();
  const response = await fetch(world.url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}`, accept },
    body: JSON.stringify({ query: "{ __typename }" }),
  });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain(expected);
  await client.close();
});

test.each([
  ["a page of another origin", { origin: "http://evil.example" }, "{}", 403],
  ["another content type", { "content-type": "text/plain" }, "{}", 415],
  ["a token that is not valid", { authorization: "Bearer a.b.c" }, JSON.stringify({ query: RUN }), 401],
  ["nobody", {}, JSON.stringify({ query: RUN, variables: { id: "aex_0" } }), 401],
  // Last: it costs the connection.
  ["a body of more than 1 MiB", {}, JSON.stringify({ query: RUN, x: "x".repeat(1024 * 1024) }), 413],
])("an event stream for %s is refused with a status and errors", async (_name, headers, body, status) => {
  const response = await fetch(world.url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream", ...headers },
    body,
  });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ errors: [{ message: expect.any(String) }] });
});
