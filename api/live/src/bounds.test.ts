import { seedStory } from "@shiplog/core/live/testing";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { until } from "@shiplog/testkit/deferred";
import { connectSocket, type SocketClient } from "@shiplog/testkit/socket";
import { openEvents } from "@shiplog/testkit/sse";
import { afterAll, expect, test } from "vitest";
import { RUN } from "./testing/documents.ts";
import { upTo } from "./testing/follow.ts";
import { startLiveServer, WEATHER } from "./testing/server.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const ctx = await makeContext(await testDatabase(), { log: quiet });
const server = await startLiveServer(ctx, { limits: { messagesPerTenSeconds: Number.POSITIVE_INFINITY } });
afterAll(() => server.stop());

async function signedIn() {
  const story = await seedStory(ctx);
  const connect = async () => {
    const token = server.credential(await story.member());
    return { token, client: await connectSocket(server.url, { params: { authorization: token } }) };
  };
  return { ...story, ...(await connect()), connect };
}

const asking = (fields: string) =>
  `subscription ($id: ID!, $after: String) { batch: agentExecutionEvents(id: $id, after: $after) { events { seq ${fields} } cursor } }`;

interface Asked {
  readonly events: readonly { readonly seq: number; readonly weather?: string | null }[];
  readonly cursor: string;
}

const codeOf = async (client: SocketClient, query: string, variables: Record<string, unknown>) => {
  const operation = client.subscribe(query, variables);
  const message = await operation.next();
  if (message?.type !== "error") return { operation, code: null };
  return { operation, code: message.payload[0]?.extensions?.code };
};

test("variables of a subscription are bounded, and what it does not declare is not among them", async () => {
  const { client, execution, token } = await signedIn();
  const undeclared = { id: execution, more: "x".repeat(60_000) };
  expect((await codeOf(client, RUN, undeclared)).code).toBeNull();
  const long = { id: execution, after: "x".repeat(9_000) };
  expect((await codeOf(client, RUN, long)).code).toBe("VARIABLES_TOO_LARGE");
  const { response } = await openEvents(
    server.url,
    { query: RUN, variables: long },
    { authorization: token },
  );
  expect(response.status).toBe(400);
  await client.close();
});

test("somebody follows one stream by 16 different queries at most; the same one counts once, others are others'", async () => {
  const { client, execution, connect } = await signedIn();
  const query = (nth: number) => asking(`a${nth}: seq`);
  const open = [];
  for (let nth = 0; nth < 16; nth++) open.push(await codeOf(client, query(nth), { id: execution }));
  expect(open.map(({ code }) => code)).toEqual(new Array(16).fill(null));
  expect((await codeOf(client, query(16), { id: execution })).code).toBe("TOO_MANY_OPERATIONS");
  expect((await codeOf(client, query(3), { id: execution })).code).toBeNull();
  const other = await connect();
  expect((await codeOf(other.client, query(16), { id: execution })).code).toBeNull();
  open[5]?.operation.complete();
  await until(async () => (await codeOf(client, query(17), { id: execution })).code === null);
  await Promise.all([client.close(), other.client.close()]);
});

test("what is asked for beyond measure comes in messages of fewer events, and not at all for a single one", async () => {
  const { client, execution, append } = await signedIn();
  await append(20);
  let most = 0;
  client.socket.on("message", (data: Buffer) => {
    most = Math.max(most, data.length);
  });
  const operation = client.subscribe(asking("long(bytes: 300000)"), { id: execution });
  const seqs: number[] = [];
  while (seqs.length < 20)
    seqs.push(...(await operation.data<{ batch: Asked }>()).batch.events.map(({ seq }) => seq));
  await append(10);
  while (seqs.length < 30)
    seqs.push(...(await operation.data<{ batch: Asked }>()).batch.events.map(({ seq }) => seq));
  expect(seqs).toEqual(upTo(30));
  expect(most).toBeGreaterThan(300_000);
  expect(most).toBeLessThan(1024 * 1024 + 1_000);
  expect((await codeOf(client, asking("long(bytes: 5000000)"), { id: execution })).code).toBe(
    "BATCH_TOO_LARGE",
  );
  await client.close();
});

test("what failed, or was read a while ago, is not told again to those who come later", async () => {
  const { client, execution, append, connect } = await signedIn();
  const second = await connect();
  const query = asking("weather");
  const all = [client, second.client].map((one) => one.subscribe(query, { id: execution }));
  const next = (n: number) => all[n]?.data<{ batch: Asked }>();
  const [first] = await Promise.all([next(0), next(1)]);
  WEATHER.now = new Error("no weather");
  await append(1);
  await Promise.all(all.map((one) => one.next()));
  WEATHER.now = "rain";
  const after = first?.batch.cursor;
  const late = async () => {
    const operation = second.client.subscribe(query, { id: execution, after });
    const { batch } = await operation.data<{ batch: Asked }>();
    operation.complete();
    return batch.events[0]?.weather;
  };
  expect(await late()).toBe("rain");
  WEATHER.now = "sun";
  await until(async () => (await late()) === "sun");
  await Promise.all([client.close(), second.client.close()]);
});
