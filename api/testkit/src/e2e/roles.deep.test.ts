import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { type ApiClient, postDelivery, signIn, type WebhookTarget } from "../api.ts";
import { testDatabase } from "../database.ts";
import { cleanUp, type RunningShiplog, startShiplog } from "../process.ts";
import { connectSocket } from "../socket.ts";
import { ROOT } from "../structure/sources.ts";

const database = await testDatabase();
const made: { admin: string; name: string }[] = [];

afterAll(async () => {
  await cleanUp();
  for (const { admin, name } of made) await withClient(admin, `DROP DATABASE ${name} WITH (FORCE)`);
});

const TIMEOUT = 120_000;
const REDIS = process.env.TEST_REDIS_URL;
const BUSES: readonly (readonly [string, Record<string, string>])[] = [
  ["PostgreSQL", {}],
  ...(REDIS ? [["Redis", { REDIS_URL: REDIS }] as const] : []),
];

interface Cluster {
  readonly servers: readonly RunningShiplog[];
  readonly workers: readonly RunningShiplog[];
  readonly owner: ApiClient;
  readonly projectId: string;
  readonly github: WebhookTarget;
}

async function withClient(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** A database of the machine's server, without any table: the processes migrate it themselves, all at once. */
async function emptyDatabase(): Promise<string> {
  const { url } = database;
  const name = `shiplog_roles_${randomBytes(6).toString("hex")}`;
  await withClient(url, `CREATE DATABASE ${name}`);
  made.push({ admin: url, name });
  const empty = new URL(url);
  empty.pathname = `/${name}`;
  return empty.href;
}

async function startCluster(bus: Record<string, string>): Promise<Cluster> {
  const env = {
    ...bus,
    DATABASE_URL: await emptyDatabase(),
    SHIPLOG_KEYS: `k1:${randomBytes(32).toString("base64")}`,
    SHIPLOG_WORKSPACES: ROOT,
  };
  const server = () => startShiplog({ env: { ...env, SHIPLOG_ROLE: "server" } });
  const worker = () => startShiplog({ env: { ...env, SHIPLOG_ROLE: "worker", SHIPLOG_WORKER_PORT: "0" } });
  const [one, two, ...workers] = await Promise.all([server(), server(), worker(), worker()]);
  const owner = await signIn(one.url);
  const { createProject } = await owner.graphql<{ createProject: { project: { id: string } } }>(
    "mutation($input: CreateProjectInput!) { createProject(input: $input) { ... on CreateProjectPayload { project { id } } } }",
    { input: { name: "Cluster", slug: "cluster" } },
  );
  const projectId = createProject.project.id;
  const { createIntegration } = await owner.graphql<{
    createIntegration: { secret: string; integration: { webhookUrl: string } };
  }>(
    `mutation($input: CreateIntegrationInput!) {
      createIntegration(input: $input) { ... on CreateIntegrationPayload { secret integration { webhookUrl } } }
    }`,
    { input: { projectId, provider: "GITHUB", name: "GitHub" } },
  );
  const webhookUrl = one.url + new URL(createIntegration.integration.webhookUrl).pathname;
  return {
    servers: [one, two],
    workers,
    owner,
    projectId,
    github: { webhookUrl, secret: createIntegration.secret },
  };
}

interface ProjectBatch {
  projectEvents: { events: { __typename: string; seq: number; pipeline?: string; agent?: string }[] };
}

const FEED = `subscription($projectId: ID!) {
  projectEvents(projectId: $projectId, after: null) {
    events { __typename seq ... on PipelineExecutionChanged { pipeline: status } ... on AgentExecutionChanged { agent: status } }
  }
}`;

describe.each(BUSES)("two servers and two workers as processes of their own, over %s", (_name, bus) => {
  it(
    "takes a delivery at one server, folds it in a worker, and shows it at the other; either worker will do",
    async () => {
      const { servers, workers, owner, projectId, github } = await startCluster(bus);
      const other = servers[1] as RunningShiplog;
      const socket = await connectSocket(`${other.url}/graphql`, {
        params: { authorization: `Bearer ${owner.token}` },
      });
      const feed = socket.subscribe(FEED, { projectId });
      const events: ProjectBatch["projectEvents"]["events"] = [];
      const seen = async (found: (all: typeof events) => boolean) => {
        while (!found(events)) events.push(...(await feed.data<ProjectBatch>()).projectEvents.events);
      };

      const run = {
        action: "completed",
        workflow_run: {
          id: 5,
          name: "ci",
          run_attempt: 1,
          status: "completed",
          conclusion: "failure",
          head_branch: "main",
          head_sha: "b".repeat(40),
          created_at: "2026-11-20T10:00:00Z",
          updated_at: "2026-11-20T10:02:00Z",
        },
        repository: { id: 9, full_name: "x/y", name: "y" },
      };
      expect((await postDelivery(github, "workflow_run", run)).status).toBe(202);
      await seen((all) => all.some((event) => event.pipeline === "FAILED"));

      for (const [index, worker] of workers.entries()) {
        const started = await fetch(`${servers[0]?.url}/api/v1/agents/analyze`, {
          method: "POST",
          headers: { authorization: `Bearer ${owner.token}`, "content-type": "application/json" },
          body: JSON.stringify({ projectId, path: `${ROOT}/prisma` }),
        });
        expect(started.status).toBe(202);
        await seen((all) => all.filter((event) => event.agent === "COMPLETED").length === index + 1);
        expect((await fetch(`${worker.url}/health/ready`)).status).toBe(200);
        expect((await fetch(`${worker.url}/graphql`)).status).toBe(404);
        // The next run is left to the other one.
        expect(await worker.stop()).toBeLessThan(5_000);
      }
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
      await socket.close();
      for (const server of servers) expect(await server.stop()).toBeLessThan(5_000);
    },
    TIMEOUT,
  );

  it(
    "ends a stream at the other server within a second when the session is ended at the first",
    async () => {
      const { servers, workers, owner, projectId } = await startCluster(bus);
      const [one, other] = servers as [RunningShiplog, RunningShiplog];
      const socket = await connectSocket(`${other.url}/graphql`, {
        params: { authorization: `Bearer ${owner.token}` },
      });
      const feed = socket.subscribe(FEED, { projectId });
      await feed.data<ProjectBatch>();
      const out = await fetch(`${one.url}/api/v1/auth/logout`, {
        method: "POST",
        headers: { authorization: `Bearer ${owner.token}`, "content-type": "application/json" },
        body: "{}",
      });
      expect(out.ok).toBe(true);
      const began = performance.now();
      expect((await socket.closed).code).toBe(4401);
      expect(performance.now() - began).toBeLessThan(1_000);
      await Promise.all([...servers, ...workers].map((process) => process.stop()));
    },
    TIMEOUT,
  );
});
