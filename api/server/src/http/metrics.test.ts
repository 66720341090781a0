import { encodeId, SYSTEM } from "@shiplog/core";
import { createProject } from "@shiplog/core/project";
import { apiClient } from "@shiplog/testkit/api";
import { testDatabase } from "@shiplog/testkit/database";
import { makeKey } from "@shiplog/testkit/people";
import { readMetrics, sumOf } from "@shiplog/testkit/prometheus";
import { sendRaw } from "@shiplog/testkit/raw";
import { connectSocket } from "@shiplog/testkit/socket";
import { afterAll, describe, expect, it } from "vitest";
import { type Edge, startEdge } from "../testing/edge.ts";
import { addedByOddNames } from "../testing/odd_names.ts";

const database = await testDatabase();
const edge = await startEdge(database);
const started: Edge[] = [edge];
afterAll(() => Promise.all(started.map((one) => one.stop())));
const { ctx, url } = edge;
const project = await createProject(ctx, SYSTEM, { name: "Measured" });
const projectId = encodeId("Project", project.id);
const key = (await makeKey(ctx, project.id, ["agent:write", "agent:read"])).secret;

async function scrape() {
  return readMetrics(await (await fetch(`${url}/metrics`)).text());
}

function post(body: object): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
}

describe("without a token", () => {
  async function start(env: Record<string, string>): Promise<Edge> {
    const made = await startEdge(database, env);
    started.push(made);
    return made;
  }
  const statusOf = async (of: Edge, headers: string, version = "1.1") => {
    const request = `GET /metrics HTTP/${version}\r\n${headers}Connection: close\r\n\r\n`;
    return Number(/^HTTP\/1.1 (\d+)/.exec(await sendRaw(of.url, request))?.[1]);
  };
  const local = ({ port }: Edge) => `Host: 127.0.0.1:${port}\r\n`;

  it("answers this machine, and nobody of whom a proxy or a foreign name tells", async () => {
    expect(await statusOf(edge, local(edge))).toBe(200);
    expect(await statusOf(edge, `Host: localhost:${edge.port}\r\n`)).toBe(200);
    expect(await statusOf(edge, "Host: shiplog.example\r\n")).toBe(401);
    for (const header of [
      "X-Forwarded-For",
      "Forwarded",
      "X-Real-IP",
      "X-Forwarded-Proto",
      "Via",
      "CF-Connecting-IP",
    ])
      expect([header, await statusOf(edge, `${local(edge)}${header}: 127.0.0.1\r\n`)]).toEqual([header, 401]);
    expect((await fetch(`${url}/metrics`, { method: "POST" })).status).toBe(405);
  });

  it("answers nobody behind a proxy on this machine, which as it comes says nothing of whom it asks for", async () => {
    const asNginx = (of: Edge) => statusOf(of, local(of), "1.0");
    expect(await asNginx(await start({ SHIPLOG_PUBLIC_URL: "https://shiplog.example" }))).toBe(401);
    expect(await asNginx(await start({ SHIPLOG_TRUSTED_PROXIES: "127.0.0.1" }))).toBe(401);
    const lone = {
      SHIPLOG_ROLE: "worker",
      DATABASE_URL: database.url,
      SHIPLOG_KEYS: `k1:${"A".repeat(43)}=`,
    };
    const worker = await start({ ...lone, SHIPLOG_PUBLIC_URL: "https://shiplog.example" });
    expect(await statusOf(worker, local(worker))).toBe(200);
  });
});

it("counts requests, operations, streams and deliveries as they happen", async () => {
  const before = await scrape();
  await post({ query: "{ viewer { isAdmin } }" });
  await post({ query: "{ viewer { isAdmin } rateLimit { limit } }" });
  await fetch(`${url}/api/v1/nothing`);
  const socket = await connectSocket(`${url}/graphql`, { params: { authorization: `Bearer ${key}` } });
  const stream = socket.subscribe(
    "subscription($id: ID!) { projectEvents(projectId: $id, tail: 0) { caughtUp } }",
    { id: projectId },
  );
  await stream.next();
  const missing = socket.subscribe('subscription { projectEvents(projectId: "none") { cursor } }', {});
  await missing.next();
  const during = await scrape();
  const moved = (name: string, labels = {}) => sumOf(during, name, labels) - sumOf(before, name, labels);
  const requests = "shiplog_http_request_duration_seconds_count";
  expect(moved(requests, { route: "/graphql", method: "POST", status: "2xx" })).toBe(2);
  expect(moved(requests, { route: "unmatched", status: "4xx" })).toBe(1);
  expect(moved("shiplog_graphql_operation_duration_seconds_count", { operation: "ad-hoc" })).toBe(4);
  const refused = { operation: "ad-hoc", outcome: "failed" };
  expect(moved("shiplog_graphql_operation_duration_seconds_count", refused)).toBe(1);
  expect(moved("shiplog_http_streams_opened_total", { transport: "websocket" })).toBe(1);
  for (const [name, by] of Object.entries({ sockets: 1, operations: 1, groups: 1, deliveries_total: 1 }))
    expect([name, moved(`shiplog_live_${name}`)]).toEqual([name, by]);
  expect(moved("shiplog_live_delivered_bytes_total")).toBeGreaterThan(20);
  await socket.close();
  await expect.poll(async () => sumOf(await scrape(), "shiplog_live_sockets")).toBe(0);
});

it("has the same series whatever paths, methods, types and names callers make up", async () => {
  expect(await addedByOddNames(edge, key, 60)).toEqual([]);
});

it("measures what an agent of a made-up kind does under a word of its own", async () => {
  const start = `mutation($input: StartAgentExecutionInput!) { startAgentExecution(input: $input) {
    ... on StartAgentExecutionPayload { execution { id } } ... on Error { message } } }`;
  const finish = `mutation($input: FinishAgentExecutionInput!) { finishAgentExecution(input: $input) { __typename } }`;
  const client = apiClient(url, key);
  const input = { projectId, agentType: "odd-agent-of-somebody", taskDescription: "x", external: true };
  const begun = await client.graphql<{ startAgentExecution: { execution: { id: string } } }>(start, {
    input,
  });
  await client.graphql(finish, {
    input: { id: begun.startAgentExecution.execution.id, status: "COMPLETED" },
  });
  expect(await (await fetch(`${url}/metrics`)).text()).not.toContain("odd-agent");
});
