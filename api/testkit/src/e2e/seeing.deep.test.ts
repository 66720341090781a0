import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiClient, postDelivery, signIn } from "../api.ts";
import { testDatabase } from "../database.ts";
import { type OtlpReceiver, type ReceivedSpan, receiveTraces } from "../otlp.ts";
import { cleanUp, OWNER, type RunningShiplog, startShiplog } from "../process.ts";
import { readMetrics, sumOf } from "../prometheus.ts";
import { sendRaw } from "../raw.ts";
import { connectSocket } from "../socket.ts";
import { ROOT } from "../structure/sources.ts";

const TOKEN = "metrics-token-of-this-test";
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];
const CREATE = `mutation($input: CreateProjectInput!) {
  createProject(input: $input) { ... on CreateProjectPayload { project { id } } ... on Error { message } }
}`;

const INTEGRATION = `mutation($input: CreateIntegrationInput!) {
  createIntegration(input: $input) { ... on CreateIntegrationPayload { secret integration { webhookUrl } } }
}`;

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly requestId?: string;
  readonly route?: string;
  readonly [field: string]: unknown;
}

/** By the hash under which the dashboard names it; the start has built it. */
let TRUSTED: Record<string, string> = {};

const database = await testDatabase();
let receiver: OtlpReceiver;
let shiplog: RunningShiplog;
let owner: ApiClient;
let projectId: string;

beforeAll(async () => {
  receiver = await receiveTraces();
  shiplog = await startShiplog({
    env: {
      DATABASE_URL: database.url,
      SHIPLOG_KEYS: `k1:${randomBytes(32).toString("base64")}`,
      SHIPLOG_LOG_LEVEL: "INFO",
      SHIPLOG_DRAIN_SECONDS: "0",
      SHIPLOG_METRICS_TOKEN: TOKEN,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    },
  });
  TRUSTED = JSON.parse(readFileSync(`${ROOT}/client/dashboard/dist/documents.json`, "utf8"));
  owner = await signIn(shiplog.url);
  const input = { name: "Seen", slug: "seen" };
  const made = await owner.graphql<{ createProject: { project: { id: string } } }>(CREATE, { input });
  projectId = made.createProject.project.id;
}, 120_000);

afterAll(async () => {
  await cleanUp();
  await receiver?.close();
});

/** Every line on stderr is one; the few for people, on stdout, do not begin with a brace. */
function lines(): Line[] {
  const written = shiplog.output().split("\n");
  return written.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Line);
}

function accessLine(requestId: string): Promise<Line> {
  return expect
    .poll(() => lines().find((line) => line.msg === "request" && line.requestId === requestId))
    .toBeDefined()
    .then(() => lines().find((line) => line.msg === "request" && line.requestId === requestId) as Line);
}

function post(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${shiplog.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${owner.token}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

it("writes one line for each request: template, status, time, who, id", async () => {
  const answer = await post(
    "/graphql",
    { query: "{ viewer { isAdmin } }" },
    { "x-request-id": "one-line-1" },
  );
  expect(answer.headers.get("x-request-id")).toBe("one-line-1");
  const { level, method, route, status, ms, actor, actorId, operation } = await accessLine("one-line-1");
  expect({ level, method, route, status, actor }).toEqual({
    level: "INFO",
    method: "POST",
    route: "/graphql",
    status: 200,
    actor: "user",
  });
  expect(ms).toBeGreaterThan(0);
  expect(actorId).toMatch(/^usr_/);
  expect(operation).toMatch(/^sha256:[0-9a-f]{16}$/);

  await post("/api/v1/webhooks/github/int_secretplace", {}, { "x-request-id": "one-line-2" });
  expect(await accessLine("one-line-2")).toMatchObject({
    route: "/api/v1/webhooks/:provider/:integrationId",
    actor: null,
  });
  await fetch(`${shiplog.url}/some/page`, {
    headers: { accept: "text/html", "x-request-id": "one-line-3" },
  });
  expect(await accessLine("one-line-3")).toMatchObject({ route: "/*" });
  for (const id of ["one-line-1", "one-line-2", "one-line-3"])
    expect(lines().filter((line) => line.requestId === id && line.msg === "request")).toHaveLength(1);
});

it("writes the line of a socket with who held it", async () => {
  const socket = await connectSocket(`${shiplog.url}/graphql`, {
    params: { authorization: `Bearer ${owner.token}` },
  });
  await socket.close();
  const found = () => lines().find((line) => line.route === "/graphql (websocket)");
  await expect.poll(found).toMatchObject({ status: 101, actor: "user" });
});

it("takes an id in its strict form only, and lets nobody write lines of his own", async () => {
  const forged = '{"level":"CRITICAL","msg":"forged by a caller"}';
  const request = [
    `GET /api/v1/x%0d%0a${encodeURIComponent(forged)}%1b[31m?q=%9b2J HTTP/1.1`,
    "Host: 127.0.0.1",
    `X-Request-Id: ${forged}`,
    `Traceparent: 00-${TRACE}-b7ad6b7169203331-01\u009b2J`,
    `User-Agent: \u009b2J${forged}`,
    "Connection: close",
  ];
  const answer = await sendRaw(shiplog.url, `${request.join("\r\n")}\r\n\r\n`);
  // What is no HTTP is refused before anybody could write it down.
  const broken = request.map((line) => line.replace("\u009b", "\u001b"));
  expect(await sendRaw(shiplog.url, `${broken.join("\r\n")}\r\n\r\n`)).toMatch(/^HTTP\/1.1 400 /);
  const given = /^x-request-id: (\S+)$/im.exec(answer)?.[1] ?? "";
  expect(given).toMatch(/^[0-9a-f-]{36}$/);
  expect(await accessLine(given)).toMatchObject({ status: 404, route: "unmatched" });

  // A value that gets far inside: the operation's name and a project's, and an address that is looked up.
  await post("/graphql", { query: `query A { viewer { isAdmin } }`, operationName: `A\r\n${forged}` });
  await post("/graphql", { query: CREATE, variables: { input: { name: `x\n${forged}\u001b[31m` } } });
  const last = await post("/api/v1/auth/login", {
    email: `a\n${forged}@b.c`,
    password: "p4ss-not-in-any-line",
  });
  await accessLine(last.headers.get("x-request-id") ?? "");

  const output = shiplog.output();
  expect(output).not.toContain("forged by a caller");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  expect(output).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
  for (const line of lines()) expect(LEVELS).toContain(line.level);
});

function named(name: string | RegExp): ReceivedSpan[] {
  const of = receiver.spans.filter((span) => span.traceId === TRACE);
  return of.filter((span) => (typeof name === "string" ? span.name === name : name.test(span.name)));
}

function isBelow(span: ReceivedSpan, ancestor: ReceivedSpan | undefined): boolean {
  for (let at: ReceivedSpan | undefined = span; at; ) {
    if (at.spanId === ancestor?.spanId) return true;
    const parent: string | undefined = at.parentSpanId;
    at = receiver.spans.find((other) => other.spanId === parent);
  }
  return false;
}

it("follows one request from the edge through the job and its tools, in lines and in spans", async () => {
  const answer = await post(
    "/api/v1/agents/analyze",
    { projectId, path: `${ROOT}/prisma` },
    { "x-request-id": "analyze-it-1", traceparent: `00-${TRACE}-b7ad6b7169203331-01` },
  );
  expect(answer.status).toBe(202);
  const ended = () => lines().find((line) => line.msg === "agent run");
  await expect.poll(ended, { timeout: 30_000 }).toMatchObject({
    requestId: "analyze-it-1",
    task: "run_agent",
    outcome: "completed",
  });

  await expect.poll(() => named("job run_agent").length, { timeout: 10_000 }).toBe(1);
  const [http] = named("POST /api/v1/agents/analyze");
  const [job] = named("job run_agent");
  expect(http).toMatchObject({ parentSpanId: "b7ad6b7169203331", failed: false });
  expect(http?.attributes).toMatchObject({ "http.route": "/api/v1/agents/analyze" });
  expect(Number(http?.attributes["http.response.status_code"])).toBe(202);
  expect(isBelow(job as ReceivedSpan, http)).toBe(true);
  const steps = named(/^agent step analyze\//);
  const tools = named(/^tool filesystem\//);
  expect(steps.length).toBeGreaterThan(2);
  expect(tools.length).toBeGreaterThan(0);
  for (const span of [...steps, ...tools]) expect(isBelow(span, job)).toBe(true);
  for (const span of tools) expect(steps.some((step) => isBelow(span, step))).toBe(true);
  expect(named("sql insert").some((span) => isBelow(span, http))).toBe(true);
  expect(named("sql update").some((span) => isBelow(span, job))).toBe(true);

  await owner.graphql("{ viewer { isAdmin } }", {});
  const operation = () => receiver.spans.filter((span) => /^graphql query sha256:/.test(span.name));
  await expect.poll(() => operation().length, { timeout: 10_000 }).toBeGreaterThan(0);
  for (const span of operation()) {
    const parent = receiver.spans.find((other) => other.spanId === span.parentSpanId);
    expect(parent?.name).toBe("POST /graphql");
  }
}, 120_000);

async function onDatabase(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

it("follows a request's id from its header into the line that a tool's own process writes", async () => {
  await onDatabase("ALTER TABLE ai_activity RENAME TO ai_activity_away");
  const body = { projectId, path: `${ROOT}/docker` };
  expect((await post("/api/v1/agents/analyze", body, { "x-request-id": "into-a-tool-1" })).status).toBe(202);
  const told = () => lines().find((line) => line.msg === "a tool server failed");
  await expect.poll(told, { timeout: 30_000 }).toMatchObject({
    level: "ERROR",
    requestId: "into-a-tool-1",
    server: "database",
    said: {
      requestId: "into-a-tool-1",
      tool: "ai_activity_summary",
      stack: expect.stringContaining("ai_activity"),
    },
  });
  const ended = () => lines().find((line) => line.msg === "agent run" && line.requestId === "into-a-tool-1");
  await expect.poll(ended, { timeout: 30_000 }).toMatchObject({ outcome: "completed" });
  await onDatabase("ALTER TABLE ai_activity_away RENAME TO ai_activity");
  // Nothing else is written to a tool's stderr: a line there is news.
  expect(lines().filter((line) => line.msg === "a tool server wrote")).toEqual([]);
}, 60_000);

it("makes a span of a statement only where it belongs to something", () => {
  const roots = receiver.spans.filter((span) => !span.parentSpanId).map(({ name }) => name);
  expect(roots.filter((name) => !/^(GET|POST) |^job /.test(name))).toEqual([]);
});

async function scrape(): Promise<string> {
  const answer = await fetch(`${shiplog.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  return answer.text();
}

it("gives metrics to the token's bearer only", async () => {
  const asked = (headers: Record<string, string>) => fetch(`${shiplog.url}/metrics`, { headers });
  expect((await asked({})).status).toBe(401);
  expect((await asked({ authorization: `Bearer ${TOKEN}x` })).status).toBe(401);
  expect((await asked({ authorization: `Bearer ${owner.token}` })).status).toBe(401);
  const text = await scrape();
  for (const series of [
    'shiplog_http_request_duration_seconds_count{route="/graphql",method="POST",status="2xx"}',
    'shiplog_graphql_operation_duration_seconds_count{operation="ad-hoc",outcome="ok"}',
    'shiplog_db_query_duration_seconds_count{statement="select",outcome="ok"}',
    'shiplog_db_pool_connections{state="idle"}',
    'shiplog_agent_execution_duration_seconds_count{agent_type="analyze",status="completed"} 2',
    'shiplog_queue_wait_seconds_count{task="run_agent"} 2',
    'shiplog_queue_jobs{task="run_agent",state="ready"} 0',
    'shiplog_http_streams_opened_total{transport="websocket"}',
    "shiplog_bus_connected 1",
    "shiplog_live_sockets 0",
    "shiplog_live_deliveries_total",
  ])
    expect(text).toContain(series);
  expect(Number(/^shiplog_bus_lag_seconds_count (\d+)$/m.exec(text)?.[1])).toBeGreaterThan(0);
});

const RUN = {
  ...{ id: 4711, name: "CI", path: ".github/workflows/ci.yml", run_number: 1, run_attempt: 1, event: "push" },
  ...{ head_branch: "main", head_sha: "b".repeat(40), status: "completed", conclusion: "failure" },
  ...{
    created_at: "2026-01-01T00:00:00Z",
    run_started_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:02:00Z",
  },
};

it("moves each of them when that happens which it counts", async () => {
  const made = await owner.graphql<{
    createIntegration: { secret: string; integration: { webhookUrl: string } };
  }>(INTEGRATION, { input: { projectId, provider: "GITHUB" } });
  const { secret, integration } = made.createIntegration;
  const repository = { id: 7, full_name: "acme/shop" };
  const before = readMetrics(await scrape());

  const delivered = { action: "completed", repository, workflow_run: RUN };
  expect((await postDelivery({ ...integration, secret }, "workflow_run", delivered)).status).toBe(202);
  const [documentId, text] = Object.entries(TRUSTED).find(([, one]) => /^query Viewer\b/.test(one)) ?? [];
  expect((await (await post("/graphql", { documentId })).json()).errors).toBeUndefined();
  // The same text under a name of the caller's own.
  await post("/graphql", { query: text?.replace("query Viewer", "query Mine") });
  await onDatabase("ALTER TABLE ai_activity RENAME TO ai_activity_away");
  const failing = "query($id: ID!) { aiActivities(projectId: $id) { edges { node { id } } } }";
  await post("/graphql", { query: failing, variables: { id: projectId } });
  await onDatabase("ALTER TABLE ai_activity_away RENAME TO ai_activity");

  const moves: readonly (readonly [name: string, labels: Record<string, string>])[] = [
    ["http_request_duration_seconds_sum", { route: "/graphql", status: "2xx" }],
    ["http_request_duration_seconds_count", { route: "/api/v1/webhooks/:provider/:integrationId" }],
    ["graphql_operation_duration_seconds_sum", { operation: "Viewer", outcome: "ok" }],
    ["graphql_operation_duration_seconds_count", { operation: "ad-hoc", outcome: "ok" }],
    ["graphql_operation_duration_seconds_count", { operation: "ad-hoc", outcome: "failed" }],
    ["db_query_duration_seconds_sum", { statement: "insert", outcome: "ok" }],
    ["db_query_duration_seconds_count", { statement: "select", outcome: "failed" }],
    ["pipeline_duration_seconds_count", { provider: "github", status: "failed" }],
    ["queue_wait_seconds_count", { task: "process_delivery" }],
    ["job_duration_seconds_count", { task: "process_delivery", outcome: "ok" }],
    ["bus_lag_seconds_count", {}],
  ];
  const still = async () => {
    const after = readMetrics(await scrape());
    const value = (of: typeof after, [name, labels]: (typeof moves)[number]) =>
      sumOf(of, `shiplog_${name}`, labels);
    return moves.filter((move) => value(after, move) <= value(before, move));
  };
  await expect.poll(still, { timeout: 15_000 }).toEqual([]);
  const families = readMetrics(await scrape());
  expect(sumOf(families, "shiplog_pipeline_duration_seconds_sum", { status: "failed" })).toBe(120);
  expect(sumOf(families, "shiplog_graphql_operation_duration_seconds_count", { operation: "Mine" })).toBe(0);
  // Logs of ended runs are made small a while later.
  const waiting = { task: "prune_deltas", state: "scheduled" };
  expect(sumOf(families, "shiplog_queue_jobs", waiting)).toBeGreaterThan(0);
}, 60_000);

it("has every metric and label that the Grafana dashboard asks for, and its figures", async () => {
  const dashboard = JSON.parse(readFileSync(`${ROOT}/docker/grafana/shiplog.json`, "utf8")) as {
    panels: { title: string; targets?: { expr: string }[] }[];
  };
  const families = readMetrics(await scrape());
  const labelsOf = new Map<string, Set<string>>();
  for (const { samples } of families.values()) {
    for (const { name, labels } of samples)
      labelsOf.set(name, new Set([...(labelsOf.get(name) ?? []), ...Object.keys(labels)]));
  }
  const queries = dashboard.panels.flatMap((panel) => panel.targets ?? []);
  expect(queries.length).toBeGreaterThan(20);
  for (const { expr } of queries) {
    const named = expr.match(/\b(shiplog|process|nodejs)_\w+/g) ?? [];
    expect(named, expr).not.toEqual([]);
    for (const name of named) expect([...labelsOf.keys()], expr).toContain(name);
    const asked = [
      ...[...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) =>
        list?.split(",").map((one) => one.trim()),
      ),
      ...[...expr.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)"/g)].map(([, label]) => label),
    ].filter((label) => label !== undefined && !["instance", "job"].includes(label));
    const known = new Set(named.flatMap((name) => [...(labelsOf.get(name) ?? [])]));
    for (const label of asked) expect([...known], expr).toContain(label);
  }
});

it("keeps secrets out of lines and spans", async () => {
  const secrets = [OWNER.password, owner.token, TOKEN, "p4ss-not-in-any-line"];
  const all = shiplog.output() + JSON.stringify(receiver.spans);
  for (const secret of secrets) expect(all).not.toContain(secret);
});
