import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiClient, postDelivery, signIn, type WebhookTarget } from "../api.ts";
import { dumpTexts, KINDS, written } from "../canaries.ts";
import { testDatabase } from "../database.ts";
import { agentKey, startExternalRun } from "../external_run.ts";
import { type OtlpReceiver, receiveTraces } from "../otlp.ts";
import { cleanUp, type RunningShiplog, startShiplog } from "../process.ts";
import { connectSocket, type SocketClient } from "../socket.ts";

const database = await testDatabase();
const makers = Object.values(KINDS);
/** 37 that are told by their form; the metrics token, a model's key and the webhook's secret make 40. */
const canaries = Array.from({ length: 37 }, (_, index) => makers[index % makers.length]?.() ?? "");
const METRICS_TOKEN = `${randomBytes(8).toString("hex")}/${randomBytes(8).toString("hex")}+`;
const MODEL_KEY = `${randomBytes(12).toString("hex")}"${randomBytes(6).toString("hex")}`;
const folder = mkdtempSync(join(tmpdir(), "shiplog-canaries-"));

const PROJECT = `mutation($input: CreateProjectInput!) {
  createProject(input: $input) { ... on CreateProjectPayload { project { id } } ... on Error { message } }
}`;
const INTEGRATION = `mutation($input: CreateIntegrationInput!) {
  createIntegration(input: $input) {
    ... on CreateIntegrationPayload { secret integration { webhookUrl } } ... on Error { message }
  }
}`;
const ACTIVITY = `mutation($input: RecordAIActivityInput!) {
  recordAIActivity(input: $input) { __typename ... on Error { message } }
}`;
const RUN = `mutation($input: StartAgentExecutionInput!) {
  startAgentExecution(input: $input) {
    ... on StartAgentExecutionPayload { execution { id } } ... on Error { message }
  }
}`;
const STATUS = "query($id: ID!) { agentExecution(id: $id) { status errorMessage } }";
const WATCH_RUN = `subscription($id: ID!) {
  agentExecutionEvents(id: $id) {
    events {
      __typename
      ... on AgentStatusChanged { status errorMessage }
      ... on AgentTextDelta { messageId text }
      ... on AgentMessage { messageId text }
      ... on AgentToolCallStarted { callId tool arguments }
      ... on AgentToolCallFinished { callId result }
    }
  }
}`;
const WATCH_PROJECT = `subscription($projectId: ID!) {
  projectEvents(projectId: $projectId) {
    events { __typename ... on AgentExecutionChanged { status title } }
  }
}`;

let traces: OtlpReceiver;
let server: RunningShiplog;
let worker: RunningShiplog;
let owner: ApiClient;
let socket: SocketClient;
/** Everything that a subscriber was told. */
const seen: string[] = [];

beforeAll(async () => {
  traces = await receiveTraces();
  const env = {
    DATABASE_URL: database.url,
    SHIPLOG_KEYS: `k1:${randomBytes(32).toString("base64")}`,
    SHIPLOG_LOG_LEVEL: "DEBUG",
    SHIPLOG_DRAIN_SECONDS: "0",
    SHIPLOG_METRICS_TOKEN: METRICS_TOKEN,
    SHIPLOG_WORKSPACES: folder,
    ANTHROPIC_API_KEY: MODEL_KEY,
    OTEL_EXPORTER_OTLP_ENDPOINT: traces.endpoint,
  };
  server = await startShiplog({ env: { ...env, SHIPLOG_ROLE: "server" } });
  worker = await startShiplog({ env: { ...env, SHIPLOG_ROLE: "worker", SHIPLOG_WORKER_PORT: "0" } });
  owner = await signIn(server.url);
  socket = await connectSocket(`${server.url}/graphql`, {
    params: { authorization: `Bearer ${owner.token}` },
  });
}, 120_000);

afterAll(async () => {
  await cleanUp();
  await traces?.close();
  rmSync(folder, { recursive: true, force: true });
});

function watch(query: string, variables: Record<string, unknown>): void {
  const operation = socket.subscribe(query, variables);
  void (async () => {
    for (let message = await operation.next(); message; message = await operation.next())
      seen.push(JSON.stringify(message));
  })();
}

/** A folder whose every file holds them, as a person leaves it. */
function makeFolder(text: string): string {
  const path = join(folder, "shop");
  mkdirSync(path);
  writeFileSync(join(path, "README.md"), text);
  writeFileSync(join(path, ".env"), text);
  writeFileSync(
    join(path, "package.json"),
    JSON.stringify({ name: "shop", description: text, version: canaries[0] }),
  );
  const git = (...args: string[]) => execFileSync("git", ["-C", path, ...args], { stdio: "ignore" });
  git("init", "-q");
  git("add", "-A");
  git("-c", `user.name=${canaries[1]}`, "-c", "user.email=a@example.org", "commit", "-qm", text);
  return path;
}

async function sendDeliveries(target: WebhookTarget, text: string): Promise<void> {
  const [first = "", second = ""] = canaries;
  const repository = { id: 7, full_name: "acme/shop", description: text };
  const timestamp = new Date().toISOString();
  const commit = { id: "a".repeat(40), message: text, timestamp, author: { name: second } };
  const push = { ref: `refs/heads/${first}`, commits: [commit], head_commit: commit, repository };
  const run = {
    action: "completed",
    repository,
    workflow_run: {
      ...{
        id: 4711,
        name: text,
        head_branch: first,
        head_sha: "b".repeat(40),
        run_number: 1,
        run_attempt: 1,
      },
      ...{ event: "push", status: "completed", conclusion: "failure", display_title: text, path: text },
      ...{ created_at: timestamp, updated_at: timestamp, run_started_at: timestamp },
      html_url: `https://example.org/?token=${second}`,
    },
  };
  for (const [event, payload] of [
    ["push", push],
    ["workflow_run", run],
  ] as const)
    expect((await postDelivery(target, event, payload)).status).toBe(202);
  const forged = await postDelivery({ ...target, secret: second }, "push", push);
  expect(forged.status).toBe(401);
  await fetch(`${target.webhookUrl}x/${first}`, { method: "POST", body: text });
}

/** As many ways as there are to be written down by a server that refuses. */
async function knockEverywhere(text: string): Promise<void> {
  for (const canary of canaries) {
    const headers = {
      authorization: `Bearer ${canary}`,
      cookie: `session=${canary}`,
      "user-agent": `agent/${canary}`,
      "x-request-id": canary,
      "x-forwarded-for": canary,
      referer: `https://example.org/?token=${canary}`,
      baggage: `key=${canary}`,
      "content-type": "application/json",
    };
    const query = `query ${canary.replace(/\W/g, "_")} { viewer { isAdmin } }`;
    await Promise.all([
      fetch(`${server.url}/api/v1/${canary}?token=${encodeURIComponent(canary)}`, { headers }),
      fetch(`${server.url}/graphql`, {
        method: "POST",
        headers,
        body: JSON.stringify({ query, variables: { canary } }),
      }),
      fetch(`${server.url}/graphql`, { method: "POST", headers, body: text.slice(0, 2_000) }),
      fetch(`${server.url}/metrics`, { headers }),
    ]);
  }
  await fetch(`${server.url}/api/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: "owner@example.com", password: canaries[0] }),
  });
}

/** The canaries letter by letter, in halves over two answers, and whole. */
async function streamRun(agent: ApiClient, projectId: string, text: string): Promise<string> {
  const run = await startExternalRun(agent, projectId, text.slice(0, 9_000));
  watch(WATCH_RUN, { id: run.id });
  const halves = (part: (canary: string) => string) =>
    canaries.map((canary, index) => ({ textDelta: { messageId: `h${index}`, text: part(canary) } }));
  await run.append(halves((canary) => `It says ${canary.slice(0, canary.length >> 1)}`));
  await run.append(halves((canary) => `${canary.slice(canary.length >> 1)} there.`));
  await run.append(
    [...`It says: ${canaries.slice(0, 8).join(" , ")}`].map((letter) => ({
      textDelta: { messageId: "l", text: letter },
    })),
  );
  await run.append([
    { message: { messageId: "m", role: "assistant", text } },
    { message: { messageId: "n", role: "assistant", text: `${"long ".repeat(4_000)}${text}` } },
    { toolCallStarted: { callId: "c", tool: "Bash", arguments: { command: text, env: canaries } } },
    { toolCallFinished: { callId: "c", ok: true, result: text, durationMs: 1 } },
  ]);
  await run.finish("FAILED", { text, nested: { [canaries[0] ?? ""]: canaries } });
  return run.id;
}

function parts(canary: string): string[] {
  return Array.from({ length: Math.max(0, (canary.length - 16) >> 2) }, (_, index) =>
    canary.slice(index * 4, index * 4 + 16),
  );
}

async function ended(id: string): Promise<void> {
  const status = async () =>
    (await owner.graphql<{ agentExecution: { status: string } }>(STATUS, { id })).agentExecution.status;
  await expect.poll(status, { timeout: 30_000, interval: 100 }).toMatch(/COMPLETED|FAILED/);
}

it("40 canaries through two processes appear in no table, line, event, metric or span", async () => {
  const { createProject } = await owner.graphql<{ createProject: { project: { id: string } } }>(PROJECT, {
    input: { name: "Canaries", slug: "canaries", description: `It says ${canaries.slice(0, 12).join(" ")}` },
  });
  const projectId = createProject.project.id;
  const { createIntegration } = await owner.graphql<{
    createIntegration: { secret: string; integration: { webhookUrl: string } };
  }>(INTEGRATION, { input: { projectId, provider: "GITHUB" } });
  const { secret, integration } = createIntegration;
  const owned = [METRICS_TOKEN, MODEL_KEY, secret];
  const all = [...canaries, ...owned.flatMap(written)];
  const text = `It says: ${all.join(" , ")}\n`;
  watch(WATCH_PROJECT, { projectId });

  const agent = await agentKey(server.url, owner, projectId);
  const path = makeFolder(text);
  const started = await owner.graphql<{ startAgentExecution: { execution: { id: string } } }>(RUN, {
    input: {
      projectId,
      agentType: "analyze",
      taskDescription: text.slice(0, 9_000),
      inputData: { path, all },
    },
  });
  const internal = started.startAgentExecution.execution.id;
  watch(WATCH_RUN, { id: internal });
  const webhookUrl = `${server.url}${new URL(integration.webhookUrl).pathname}`;
  await sendDeliveries({ webhookUrl, secret }, text);
  const codeChanges = [{ path: "a.ts", diff: `+${text}` }];
  const prompts = { prompt: text, response: text, decision: canaries[2], codeChanges };
  const recorded = await owner.graphql(ACTIVITY, { input: { projectId, tool: "claude", ...prompts } });
  expect(recorded).toMatchObject({ recordAIActivity: { __typename: "RecordAIActivityPayload" } });
  const external = await streamRun(agent, projectId, text);
  await knockEverywhere(text);
  await ended(external);
  await ended(internal);
  const processed = () => database.db.webhookDelivery.count({ where: { outcome: "processed" } });
  await expect.poll(processed, { timeout: 20_000, interval: 100 }).toBe(2);
  await expect.poll(() => seen.join("\n")).toContain('"FAILED"');
  const authorization = `Bearer ${METRICS_TOKEN}`;
  const metrics = await (await fetch(`${server.url}/metrics`, { headers: { authorization } })).text();
  await socket.close();
  await Promise.all([server.stop(), worker.stop()]);

  const tables = await dumpTexts(database.db);
  const places = {
    ...tables,
    events: seen.join("\n"),
    output: server.output() + worker.output(),
    metrics,
    traces: JSON.stringify(traces.spans),
  };
  // Something is in each of them, and what is no secret is all there.
  expect(Object.values(tables).join("\n")).toContain("It says: [redacted]");
  expect(places.events).toContain("[redacted] there.");
  expect(places.events).toContain("AgentToolCallFinished");
  expect(places.output).toContain('"msg":"request"');
  expect(places.metrics).toContain("http_");
  expect(traces.spans.length).toBeGreaterThan(100);
  // Neither whole nor as a part that says something of it.
  const forms = [...all, ...all.map((form) => form.replaceAll('"', "")), ...canaries.flatMap(parts)];
  for (const [place, content] of Object.entries(places)) {
    const leaked = forms.filter((form) => content.includes(form));
    expect.soft(leaked, place).toEqual([]);
  }
}, 60_000);
