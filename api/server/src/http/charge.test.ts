import { createRateLimits, encodeId, SYSTEM } from "@shiplog/core";
import { createIntegration, createProject } from "@shiplog/core/project";
import { testDatabase } from "@shiplog/testkit/database";
import { makeKey } from "@shiplog/testkit/people";
import { connectSocket, openSocket } from "@shiplog/testkit/socket";
import { afterAll, describe, expect, it } from "vitest";
import { startEdge } from "../testing/edge.ts";

/* What is charged to whom, and that every answer tells it: also what was refused, for it was read and judged. */

const LIMIT = 20;
const database = await testDatabase();
const away: unknown[] = [];
const limits = createRateLimits({
  limit: LIMIT,
  databaseUrl: database.url,
  onError: (error) => away.push(error),
});
const edge = await startEdge(database, { SHIPLOG_TRUSTED_PROXIES: "127.0.0.1" }, { limits });
afterAll(async () => {
  await edge.stop();
  await limits.stop();
});
const { ctx, url } = edge;
const project = await createProject(ctx, SYSTEM, { name: "Charges" });
const projectId = encodeId("Project", project.id);

async function newKey(): Promise<string> {
  return (await makeKey(ctx, project.id, ["agent:write", "agent:read", "project:read"])).secret;
}

let addresses = 0;
/** Nobody was there before. */
const newAddress = () => `198.51.100.${++addresses}`;

interface Sent {
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly path?: string;
}

function post({ headers = {}, body = {}, path = "/graphql" }: Sent): Promise<Response> {
  return fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

const left = (response: Response) => Number(response.headers.get("ratelimit-remaining") ?? Number.NaN);

/** Says so in all of its headers. */
function expectTooMany(response: Response): void {
  expect(response.status).toBe(429);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(response.headers.get("ratelimit-remaining")).toBe("0");
  expect(response.headers.get("ratelimit-limit")).toBe(String(LIMIT));
}

const SUBSCRIBE = `subscription { projectEvents(projectId: "${projectId}", tail: 0) { cursor } }`;
const STREAM = { accept: "text/event-stream" };

describe("what is refused before it runs", () => {
  it.each([
    ["a text that does not parse", { body: { query: "{" } }],
    ["a document that is not valid", { body: { query: "{ nothing }" } }],
    ["one that is too large", { body: { query: `{ ${"__typename ".repeat(600)} }` } }],
    ["one that is not known", { body: { documentId: `sha256:${"0".repeat(64)}` } }],
    ["a variable of another type", { body: { query: "query($id: ID!) { node(id: $id) { id } }" } }],
    ["no JSON", { body: "{" }],
    ["JSON that is deep", { body: "[".repeat(100) }],
    ["a batch", { body: [{ query: "{ viewer { isAdmin } }" }] }],
    ["a stream that is not valid", { body: { query: "subscription { nothing }" }, headers: STREAM }],
    ["no JSON for a stream", { body: "{", headers: STREAM }],
  ])("%s costs a point", async (_what, { body, headers }: Sent) => {
    const authorization = `Bearer ${await newKey()}`;
    const answers = [];
    for (let n = 0; n < LIMIT + 1; n++)
      answers.push(await post({ body, headers: { authorization, ...headers } }));
    expect(answers.slice(0, LIMIT).map(left)).toEqual(
      Array.from({ length: LIMIT }, (_, at) => LIMIT - 1 - at),
    );
    const last = answers.at(-1);
    if (last) expectTooMany(last);
  });

  it("also on a socket", async () => {
    const authorization = `Bearer ${await newKey()}`;
    const client = await connectSocket(`${url}/graphql`, { params: { authorization } });
    for (const [document, code] of [
      ["{", "GRAPHQL_PARSE_FAILED"],
      ["subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"],
      ["{ viewer { isAdmin } }", "SUBSCRIPTIONS_ONLY"],
    ] as const) {
      expect(await client.subscribe(document, {}).next()).toMatchObject({
        payload: [{ extensions: { code } }],
      });
    }
    const query = "{ rateLimit { remaining } }";
    expect(left(await post({ body: { query }, headers: { authorization } }))).toBe(LIMIT - 4);
    await client.close();
  });

  it("a stranger's documents and his requests without a credential are charged to his address", async () => {
    const headers = { "x-forwarded-for": newAddress() };
    expect(left(await post({ body: { query: "{ viewer { isAdmin } }" }, headers }))).toBe(LIMIT - 1);
    const analyze = () => post({ path: "/api/v1/agents/analyze", body: { projectId }, headers });
    const first = await analyze();
    expect([first.status, left(first)]).toEqual([401, LIMIT - 2]);
    for (let n = 0; n < LIMIT - 2; n++) await analyze();
    expectTooMany(await analyze());
    const guess = await post({ headers: { ...headers, authorization: "Bearer slk_guessed" } });
    expectTooMany(guess);
  });
});

describe("keys that are tried out on sockets", () => {
  const params = { authorization: "Bearer slk_guessed" };

  it("are charged to the address, from which a key that holds is let in all the same", async () => {
    const headers = { "x-forwarded-for": newAddress() };
    const guess = async () => (await (await openSocket(`${url}/graphql`, { headers, params })).closed).code;
    const codes: number[] = [];
    for (let n = 0; n < LIMIT + 2; n++) codes.push(await guess());
    expect(codes).toEqual([...new Array(LIMIT).fill(4401), 4429, 4429]);
    expectTooMany(await post({ headers: { ...headers, authorization: params.authorization } }));
    const authorization = `Bearer ${await newKey()}`;
    await (await connectSocket(`${url}/graphql`, { headers, params: { authorization } })).close();
  });

  it("are charged to whose socket it is once that is known", async () => {
    const authorization = `Bearer ${await newKey()}`;
    const client = await connectSocket(`${url}/graphql`, { params: { authorization } });
    for (let n = 0; n < LIMIT; n++) {
      client.send({ type: "ping", payload: params });
      expect(await client.control.next()).toEqual({ type: "pong" });
    }
    client.send({ type: "ping", payload: params });
    expect(await client.closed).toEqual({ code: 4429, reason: "Too many credentials that are not valid" });
    expectTooMany(await post({ body: { query: "{ viewer { isAdmin } }" }, headers: { authorization } }));
  });
});

describe("a stream", () => {
  it("tells what is left of its bucket, and when there is nothing", async () => {
    const authorization = `Bearer ${await newKey()}`;
    const open = () => post({ body: { query: SUBSCRIBE }, headers: { authorization, ...STREAM } });
    const first = await open();
    expect([first.status, first.headers.get("ratelimit-limit"), left(first)]).toEqual([200, "600", 599]);
    await first.body?.cancel();
    await database.db.$executeRaw`UPDATE rate_limit SET points = 600 WHERE key LIKE 'streams:key:%'`;
    const refused = await open();
    expect([refused.status, left(refused)]).toEqual([429, 0]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: "TOO_MANY_REQUESTS" } }] });
  });
});

describe("appended events", () => {
  const events = `[${'{textDelta: {messageId: "m", text: "x"}} '.repeat(40)}]`;
  const id = `aex_${"0".repeat(26)}`;
  it.each([
    [
      "in the text",
      `mutation { appendAgentExecutionEvents(input: {id: "${id}", events: ${events}}) { __typename } }`,
    ],
    [
      "in the default of a variable",
      `mutation($input: AppendAgentExecutionEventsInput! = {id: "${id}", events: ${events}}) {
        appendAgentExecutionEvents(input: $input) { __typename } }`,
    ],
    [
      "in the default of a part, behind a fragment",
      `mutation($events: [AgentEventInput!]! = ${events}) { ...Append }
       fragment Append on Mutation { ... { appendAgentExecutionEvents(input: {id: "${id}", events: $events}) { __typename } } }`,
    ],
  ])("are counted %s", async (_where, query) => {
    const authorization = `Bearer ${await newKey()}`;
    const answer = await post({ body: { query }, headers: { authorization } });
    expect(await answer.json()).toMatchObject({ data: {} });
    expect(left(answer)).toBe(300 * LIMIT - 40);
  });
});

describe("deliveries", () => {
  const hook = async () => {
    const made = await createIntegration(ctx, SYSTEM, { projectId: project.id, provider: "github" });
    return `/api/v1/webhooks/github/${encodeId("Integration", made.integration.id)}`;
  };
  const signed = (value: string) => ({ "x-hub-signature-256": `sha256=${value.repeat(64)}` });

  it.each<[string, () => Promise<string>, Record<string, string>, number]>([
    ["with a wrong signature", hook, signed("0"), 401],
    ["without one", hook, {}, 401],
    ["to nobody", async () => `/api/v1/webhooks/github/int_${"0".repeat(26)}`, signed("0"), 404],
  ])("%s are charged to the address, and tell what is left", async (_what, target, more, status) => {
    const headers = { ...more, "x-forwarded-for": newAddress() };
    const path = await target();
    const first = await post({ path, headers });
    expect([first.status, left(first)]).toEqual([status, LIMIT - 1]);
    for (let n = 1; n < LIMIT; n++) await post({ path, headers });
    expectTooMany(await post({ path, headers }));
    // Somebody else is not concerned.
    expect((await post({ path, headers: { ...more, "x-forwarded-for": newAddress() } })).status).toBe(status);
  });
});

describe("whose address", () => {
  const ask = (forwarded: string) =>
    post({ body: { query: "{" }, headers: { "x-forwarded-for": forwarded } }).then(left);

  it("the client's own claims before the proxy's word count for nothing, a network of IPv6 is one", async () => {
    const address = newAddress();
    expect(await ask(address)).toBe(LIMIT - 1);
    expect(await ask(`203.0.113.7, ${address}`)).toBe(LIMIT - 2);
    expect(await ask(`::1, 127.0.0.1, nonsense, ${address}`)).toBe(LIMIT - 3);
    expect(await ask("2001:db8:1:2::1")).toBe(LIMIT - 1);
    expect(await ask("2001:db8:1:2:ffff:ffff:ffff:ffff")).toBe(LIMIT - 2);
    expect(await ask("2001:db8:1:3::1")).toBe(LIMIT - 1);
  });
});

describe("while the counts cannot be read", () => {
  it("this process counts by itself, and nothing is answered with 5xx", async () => {
    const authorization = `Bearer ${await newKey()}`;
    await database.db.$executeRaw`ALTER TABLE rate_limit RENAME TO rate_limit_away`;
    const ask = () => post({ body: { query: "{ viewer { isAdmin } }" }, headers: { authorization } });
    const statuses = await Promise.all(Array.from({ length: LIMIT + 10 }, async () => (await ask()).status));
    const refused = await ask();
    await database.db.$executeRaw`ALTER TABLE rate_limit_away RENAME TO rate_limit`;
    expect(statuses.filter((status) => status === 200)).toHaveLength(LIMIT);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    expectTooMany(refused);
    expect(away.length).toBeGreaterThan(0);
  });
});
