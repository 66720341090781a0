import { encodeId, SYSTEM } from "@shiplog/core";
import { startAgentExecution } from "@shiplog/core/agent";
import { createProject } from "@shiplog/core/project";
import { executeRaw, queryRaw, raw, sql } from "@shiplog/db";
import { testDatabase } from "@shiplog/testkit/database";
import { until } from "@shiplog/testkit/deferred";
import { makeKey } from "@shiplog/testkit/people";
import { connectSocket } from "@shiplog/testkit/socket";
import { openEvents } from "@shiplog/testkit/sse";
import { afterAll, describe, expect, it } from "vitest";
import { startEdge } from "../testing/edge.ts";

/*
 * An operation whose statement waits is stopped in time on every way in, at its opening and in its batches, and
 * PostgreSQL says that the statement is gone although what it waited for is still held.
 */

const OPERATION_MS = 1_200;
const database = await testDatabase();
const edge = await startEdge(database, {}, {}, { operationMs: OPERATION_MS });
afterAll(() => edge.stop());
const { ctx, url } = edge;
const project = await createProject(ctx, SYSTEM, { name: "Deadline" });
const projectId = encodeId("Project", project.id);
const { secret } = await makeKey(ctx, project.id, ["agent:read", "agent:write"]);
const authorization = `Bearer ${secret}`;
const start = () =>
  startAgentExecution(ctx, SYSTEM, { projectId: project.id, agentType: "ci", external: true });
const run = encodeId("AgentExecution", (await start()).id);

/** Statements of ours that wait for a lock. */
async function waiting(): Promise<number> {
  const rows = await queryRaw<{ n: number }>(
    database.db,
    sql`SELECT count(*)::int AS n FROM pg_stat_activity
         WHERE datname = current_database() AND state = 'active' AND wait_event_type = 'Lock'`,
  );
  return rows[0]?.n ?? Number.NaN;
}

/** Runs the work while nobody can read the table, which ends with nobody waiting for it any more. */
async function whileHeld<T>(table: string, work: () => Promise<T>): Promise<T> {
  const [locked, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = database.db.$transaction(
    async (tx) => {
      await executeRaw(tx, sql`LOCK TABLE ${raw(table)} IN ACCESS EXCLUSIVE MODE`);
      locked.resolve();
      await release.promise;
    },
    { timeout: 30_000 },
  );
  await locked.promise;
  try {
    const working = work();
    await until(async () => (await waiting()) > 0);
    const result = await working;
    await until(async () => (await waiting()) === 0);
    return result;
  } finally {
    release.resolve();
    await holding;
  }
}

const LATE = { extensions: { code: "OPERATION_TIMEOUT" } };
const QUERY = `{ agentExecutions(projectId: "${projectId}") { edges { node { id } } } }`;
const OPEN = `subscription { agentExecutionEvents(id: "${run}") { cursor } }`;
/** Each batch reads the run itself. */
const BATCHES = `subscription { projectEvents(projectId: "${projectId}", tail: 0) {
  events { ... on AgentExecutionChanged { execution { steps { name } } } } } }`;
const headers = { "content-type": "application/json", authorization };
const stream = { ...headers, accept: "text/event-stream" };

describe("an operation that waits in the database", () => {
  it("is stopped over POST", async () => {
    const answer = await whileHeld("agent_execution", () =>
      fetch(`${url}/graphql`, { method: "POST", headers, body: JSON.stringify({ query: QUERY }) }),
    );
    expect(await answer.json()).toMatchObject({ errors: [LATE] });
  });

  it.each([
    [
      "POST",
      () =>
        fetch(`${url}/graphql`, { method: "POST", headers: stream, body: JSON.stringify({ query: OPEN }) }),
    ],
    ["GET", () => fetch(`${url}/graphql?query=${encodeURIComponent(OPEN)}`, { headers: stream })],
  ])("is stopped where an event stream is opened by %s", async (_method, open) => {
    const answer = await whileHeld("agent_execution", open);
    expect([answer.status, await answer.json()]).toMatchObject([503, { errors: [LATE] }]);
    expect(answer.headers.get("retry-after")).toBe("1");
  });

  it("is stopped where a stream is opened on a socket", async () => {
    const client = await connectSocket(`${url}/graphql`, { params: { authorization } });
    const told = await whileHeld("agent_execution", () => client.subscribe(OPEN, {}).next());
    expect(told).toMatchObject({ type: "error", payload: [LATE] });
    await client.close();
  });

  it("is stopped in a batch, on a socket and in an event stream", async () => {
    const client = await connectSocket(`${url}/graphql`, { params: { authorization } });
    const onSocket = client.subscribe(BATCHES, {});
    await onSocket.next();
    const events = await openEvents(`${url}/graphql`, { query: BATCHES }, { authorization });
    await events.message();
    const told = await whileHeld("agent_step", async () => {
      await start();
      return [await onSocket.next(), (await events.message())?.data];
    });
    expect(told).toMatchObject([{ type: "error", payload: [LATE] }, { errors: [LATE] }]);
    await client.close();
    // Nothing is the matter with the next one.
    const again = await connectSocket(`${url}/graphql`, { params: { authorization } });
    const after = again.subscribe(BATCHES, {});
    await after.next();
    await start();
    expect(await after.next()).toMatchObject({ type: "next" });
    await again.close();
    events.close();
  });
});
