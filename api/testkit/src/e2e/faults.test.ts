import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import pg from "pg";
import { afterAll, expect, it } from "vitest";
import { type ApiClient, signIn } from "../api.ts";
import { testDatabase } from "../database.ts";
import { cleanUp, OWNER, startShiplog } from "../process.ts";
import { connectSocket, type SocketOperation } from "../socket.ts";

const database = await testDatabase();
/** Of the database: a process with another one does not start. */
const KEYS = `k1:${randomBytes(32).toString("base64")}`;
afterAll(cleanUp);

const FOLLOW =
  "subscription($id: ID!) { projectEvents(projectId: $id) { cursor events { ... on AgentExecutionChanged { title } } } }";
const CREATE = `mutation($input: CreateProjectInput!) {
  createProject(input: $input) { ... on CreateProjectPayload { project { id } } ... on Error { message } }
}`;
const START = `mutation($input: StartAgentExecutionInput!) {
  startAgentExecution(input: $input) { ... on StartAgentExecutionPayload { execution { id } } ... on Error { message } }
}`;

async function createProject(owner: ApiClient): Promise<string> {
  const input = { name: "Faults", slug: "faults" };
  const answer = await owner.graphql<{ createProject: { project: { id: string } } }>(CREATE, { input });
  return answer.createProject.project.id;
}

/** An external run; throws while the database is away. */
async function start(owner: ApiClient, projectId: string, taskDescription: string): Promise<void> {
  const input = {
    projectId,
    agentType: "ci",
    taskDescription,
    external: true,
    idempotencyKey: taskDescription,
  };
  await owner.graphql(START, { input });
}

async function titlesUntil(operation: SocketOperation, last: string): Promise<string[]> {
  const titles: string[] = [];
  while (!titles.includes(last)) {
    const { projectEvents } = await operation.data<{ projectEvents: { events: { title: string }[] } }>();
    titles.push(...projectEvents.events.map((event) => event.title));
  }
  return titles;
}

/** Cuts every connection that a program holds to the database, ours left out. */
function cutConnections(): Promise<number> {
  return onDatabase(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
  );
}

async function onDatabase(statement: string): Promise<number> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rowCount } = await client.query(statement);
  await client.end();
  return rowCount ?? 0;
}

/** A subscription where a single answer is expected, from a client that may not wait for it. */
async function askWithoutStream(url: string, owner: ApiClient, projectId: string, accept: string) {
  const signal = AbortSignal.timeout(5_000);
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    signal,
    headers: { authorization: `Bearer ${owner.token}`, "content-type": "application/json", accept },
    body: JSON.stringify({ query: FOLLOW, variables: { id: projectId } }),
  });
  return { type: response.headers.get("content-type"), body: await response.text() };
}

it("lives through lost connections and hasty clients, and stops with streams open", async () => {
  const shiplog = await startShiplog({
    // No balancer looks: what is timed is the stop itself.
    env: { DATABASE_URL: database.url, SHIPLOG_KEYS: KEYS, SHIPLOG_DRAIN_SECONDS: "0" },
  });
  const owner = await signIn(shiplog.url);
  const projectId = await createProject(owner);
  const socket = await connectSocket(`${shiplog.url}/graphql`, {
    params: { authorization: `Bearer ${owner.token}` },
  });
  const stream = socket.subscribe(FOLLOW, { id: projectId });
  await start(owner, projectId, "before");
  expect(await titlesUntil(stream, "before")).toEqual(["before"]);

  // A stream has its own transports: over a plain answer it would escape their limits and ends.
  for (const accept of ["*/*", "application/json"]) {
    const answer = await askWithoutStream(shiplog.url, owner, projectId, accept);
    expect(answer.type).not.toContain("text/event-stream");
    expect(answer.body).toContain("accept: text/event-stream");
  }
  // A body whose length is not told before it, over both kinds of route.
  const chunked = async (path: string, body: object, authorization = `Bearer ${owner.token}`) => {
    const stream = new Blob([JSON.stringify(body)]).stream();
    const init = {
      method: "POST",
      headers: { "content-type": "application/json", authorization },
      body: stream,
      duplex: "half",
    };
    return (await fetch(shiplog.url + path, init as RequestInit)).status;
  };
  expect(await chunked("/graphql", { query: "{ viewer { isAdmin } }" })).toBe(200);
  expect(await chunked("/graphql", { query: `#${"x".repeat(70_000)}` }, "")).toBe(413);
  expect(await chunked("/api/v1/auth/login", OWNER)).toBe(200);
  expect((await fetch(`${shiplog.url}/graphql`, { method: "DELETE" })).status).toBe(405);

  const hasty = Array.from({ length: 30 }, (_, at) =>
    fetch(`${shiplog.url}/graphql`, {
      method: "POST",
      signal: AbortSignal.timeout(1 + at),
      headers: { authorization: `Bearer ${owner.token}`, "content-type": "application/json" },
      body: JSON.stringify({
        query: "{ __schema { types { name description fields { name description } } } }",
      }),
    }).then((response) => response.text()),
  );
  await Promise.allSettled(hasty);

  // An unexpected failure tells its reference, which the log has too, and nothing of what is inside.
  await onDatabase("ALTER TABLE ai_activity RENAME TO ai_activity_away");
  const failed = await fetch(`${shiplog.url}/graphql`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${owner.token}`,
      "content-type": "application/json",
      "x-request-id": "trace-0815",
    },
    body: JSON.stringify({
      query: "query($id: ID!) { aiActivities(projectId: $id) { edges { node { id } } } }",
      variables: { id: projectId },
    }),
  });
  expect(await failed.json()).toMatchObject({
    errors: [
      {
        message: "Unexpected error.",
        extensions: { code: "INTERNAL_SERVER_ERROR", reference: "trace-0815" },
      },
    ],
  });
  expect(shiplog.output()).toContain('"requestId":"trace-0815"');
  await onDatabase("ALTER TABLE ai_activity_away RENAME TO ai_activity");

  for (let round = 1; round <= 3; round++) {
    expect(await cutConnections()).toBeGreaterThan(0);
    const name = `round ${round}`;
    await expect
      .poll(
        () =>
          start(owner, projectId, name).then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true);
    expect(await titlesUntil(stream, name)).toEqual([name]);
  }
  expect((await fetch(`${shiplog.url}/health/ready`)).status).toBe(200);

  expect(await shiplog.stop()).toBeLessThan(5_000);
  expect(await shiplog.exited).toBe(0);
  expect((await socket.closed).code).toBe(1012);
  expect(shiplog.output()).not.toMatch(/was not caught|was not handled/);
}, 60_000);

it("a lone worker lives through upgrades that are reset at once", async () => {
  const worker = await startShiplog({
    env: {
      DATABASE_URL: database.url,
      SHIPLOG_KEYS: KEYS,
      SHIPLOG_ROLE: "worker",
      SHIPLOG_WORKER_PORT: "0",
    },
  });
  const { port } = new URL(worker.url);
  const upgrade = "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  const resets = Array.from({ length: 100 }, () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("error", () => {}).once("close", () => resolve());
    socket.write(upgrade, () => socket.resetAndDestroy());
    return promise;
  });
  await Promise.all(resets);
  expect((await fetch(`${worker.url}/health/ready`)).status).toBe(200);
  expect(await worker.stop()).toBeLessThan(5_000);
  expect(worker.output()).not.toMatch(/was not caught|was not handled/);
}, 60_000);
