import { randomBytes } from "node:crypto";
import { afterAll, expect, it } from "vitest";
import { signIn } from "../api.ts";
import { testDatabase } from "../database.ts";
import { deferred } from "../deferred.ts";
import { agentKey, startExternalRun } from "../external_run.ts";
import { cleanUp, startShiplog } from "../process.ts";
import { connectSocket } from "../socket.ts";

const CREATE = `mutation($input: CreateProjectInput!) {
  createProject(input: $input) { ... on CreateProjectPayload { project { id } } ... on Error { message } }
}`;
const LIST =
  "query($projectId: ID!) { aiActivities(projectId: $projectId, first: 1) { edges { node { id } } } }";
const FOLLOW = "subscription($id: ID!) { agentExecutionEvents(id: $id, tail: 0) { events { seq } } }";
/** More than connections of the pool. */
const QUERIES = 30;

const database = await testDatabase();
afterAll(cleanUp);

it("queries that use up the connections hold up no event, and no end of an access", async () => {
  const env = {
    DATABASE_URL: database.url,
    SHIPLOG_KEYS: `k1:${randomBytes(32).toString("base64")}`,
    SHIPLOG_ROLE: "server",
  };
  const [busy, calm] = [await startShiplog({ env }), await startShiplog({ env })];
  const owner = await signIn(calm.url);
  const { createProject } = await owner.graphql<{ createProject: { project: { id: string } } }>(CREATE, {
    input: { name: "Pool", slug: "pool" },
  });
  const projectId = createProject.project.id;
  const agent = await agentKey(calm.url, owner, projectId);
  const run = await startExternalRun(agent, projectId, "go on");
  const client = await connectSocket(`${busy.url}/graphql`, { params: { authorization: owner.token } });
  const operation = client.subscribe(FOLLOW, { id: run.id });
  await operation.data();

  const [locked, over] = [deferred<void>(), deferred<void>()];
  const lock = database.db.$transaction(
    async (tx) => {
      await tx.$executeRawUnsafe("LOCK TABLE ai_activity IN ACCESS EXCLUSIVE MODE");
      locked.resolve();
      await over.promise;
    },
    { timeout: 60_000 },
  );
  await locked.promise;
  let answered = 0;
  const queries = Array.from({ length: QUERIES }, () =>
    fetch(`${busy.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${owner.token}` },
      body: JSON.stringify({ query: LIST, variables: { projectId } }),
    }).finally(() => answered++),
  );
  // They have used it up: nobody can even be told apart any more.
  const waiting = async () => {
    const [row] = await database.db.$queryRawUnsafe<{ count: number }[]>(
      "SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    return row?.count ?? 0;
  };
  await expect.poll(waiting).toBeGreaterThanOrEqual(12);
  await run.append([{ textDelta: { messageId: "m", text: "still here" } }]);
  expect(
    (await operation.data<{ agentExecutionEvents: { events: object[] } }>()).agentExecutionEvents.events,
  ).toHaveLength(1);
  const out = await fetch(`${calm.url}/api/v1/auth/logout`, {
    method: "POST",
    headers: { authorization: `Bearer ${owner.token}` },
  });
  expect(out.status).toBeLessThan(300);
  expect(await client.closed).toMatchObject({ code: 4401 });
  expect(answered).toBe(0);
  over.resolve();
  await lock;
  await Promise.all(queries);
});
