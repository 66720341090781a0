import { createRateLimits, encodeId, SYSTEM } from "@shiplog/core";
import { createProject } from "@shiplog/core/project";
import { apiClient } from "@shiplog/testkit/api";
import { testDatabase } from "@shiplog/testkit/database";
import { makeKey, makePerson } from "@shiplog/testkit/people";
import { connectSocket } from "@shiplog/testkit/socket";
import { afterAll, expect, it } from "vitest";
import { startEdge } from "../testing/edge.ts";

const database = await testDatabase();
const limits = createRateLimits({ limit: 20, databaseUrl: database.url });
const edge = await startEdge(database, {}, { limits });
afterAll(async () => {
  await edge.stop();
  await limits.stop();
});
const { ctx, url } = edge;
const project = await createProject(ctx, SYSTEM, { name: "Limits" });
const projectId = encodeId("Project", project.id);

async function newKey() {
  return (await makeKey(ctx, project.id, ["agent:write", "agent:read"])).secret;
}

function post(token: string, query: string, variables: object = {}): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
}

it("lets as many documents of one's own through as the limit says, and tells what is left", async () => {
  const key = await newKey();
  const first = await post(key, "{ rateLimit { limit remaining points cost resetAt } viewer { isAdmin } }");
  const { data } = (await first.json()) as { data: { rateLimit: Record<string, unknown> } };
  expect(data.rateLimit).toMatchObject({ limit: 20, remaining: 19, points: 1, cost: 2 });
  expect(first.headers.get("ratelimit-limit")).toBe("20");
  expect(first.headers.get("ratelimit-remaining")).toBe("19");
  const statuses = await Promise.all(
    Array.from({ length: 30 }, async () => (await post(key, "{ viewer { isAdmin } }")).status),
  );
  expect(statuses.filter((status) => status === 200).length).toBe(19);
  const refused = await post(key, "{ viewer { isAdmin } }");
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: "TOO_MANY_REQUESTS" } }] });
  // Another caller has a bucket of his own.
  expect((await post(await newKey(), "{ viewer { isAdmin } }")).status).toBe(200);
});

it("charges a large operation more, and each change of a document", async () => {
  const key = await newKey();
  const left = async (query: string) => Number((await post(key, query)).headers.get("ratelimit-remaining"));
  expect(await left("{ viewer { isAdmin } }")).toBe(19);
  const large = `{ agentExecutions(projectId: "${projectId}", first: 100) { edges { node { steps { name } } } } }`;
  expect(await left(large)).toBeLessThan(17);
  const cancel = (alias: string) => `${alias}: cancelAgentExecution(input: {id: "aex_x"}) { __typename }`;
  const before = await left("{ viewer { isAdmin } }");
  expect(before - (await left(`mutation { ${["a", "b", "c"].map(cancel).join(" ")} }`))).toBe(3);
});

it("counts appended events and bytes apart from requests", async () => {
  const key = await newKey();
  const append = `mutation($input: AppendAgentExecutionEventsInput!) {
    appendAgentExecutionEvents(input: $input) { __typename } }`;
  const events = Array.from({ length: 400 }, () => ({ textDelta: { messageId: "m", text: "x" } }));
  const sent = await post(key, append, { input: { id: `aex_${"0".repeat(26)}`, events } });
  expect(sent.headers.get("ratelimit-limit")).toBe("6000");
  expect(sent.headers.get("ratelimit-remaining")).toBe("5600");
  expect((await post(key, "{ viewer { isAdmin } }")).headers.get("ratelimit-remaining")).toBe("19");
});

it("charges REST by account, and strangers and guessed keys by address", async () => {
  const { accessToken } = await makePerson(ctx, {});
  const analyze = () =>
    fetch(`${url}/api/v1/agents/analyze`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${accessToken}` },
      body: JSON.stringify({ projectId }),
    });
  expect((await analyze()).headers.get("ratelimit-remaining")).toBe("19");
  expect((await post(accessToken, "{ viewer { isAdmin } }")).headers.get("ratelimit-remaining")).toBe("18");
  const guess = async () => (await post("slk_guessed", "{ viewer { isAdmin } }")).status;
  const statuses = [];
  for (let i = 0; i < 25; i++) statuses.push(await guess());
  expect(statuses.filter((status) => status === 401).length).toBe(20);
  expect(statuses.at(-1)).toBe(429);
  const login = await fetch(`${url}/api/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: "a@example.org", password: "x" }),
  });
  expect(login.status).toBe(429);
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
});

it("counts streams that begin, on a socket too", async () => {
  const key = await newKey();
  const { execution } = (
    await apiClient(url, key).graphql<{ startAgentExecution: { execution: { id: string } } }>(
      `mutation($input: StartAgentExecutionInput!) { startAgentExecution(input: $input) {
        ... on StartAgentExecutionPayload { execution { id } } } }`,
      { input: { projectId, agentType: "test", taskDescription: "t", external: true } },
    )
  ).startAgentExecution;
  const client = await connectSocket(`${url}/graphql`, { params: { authorization: `Bearer ${key}` } });
  const document = "subscription($id: ID!) { agentExecutionEvents(id: $id) { cursor } }";
  expect((await client.subscribe(document, { id: execution.id }).next())?.type).toBe("next");
  const [row] = await database.db.$queryRaw<{ n: number }[]>`
    SELECT max(points)::int AS n FROM rate_limit WHERE key LIKE 'streams:key:%'`;
  expect(row?.n).toBe(1);
  await database.db.$executeRaw`UPDATE rate_limit SET points = 600 WHERE key LIKE 'streams:key:%'`;
  expect(await client.subscribe(document, { id: execution.id }).next()).toMatchObject({
    type: "error",
    payload: [{ extensions: { code: "TOO_MANY_REQUESTS" } }],
  });
  await client.close();
});
