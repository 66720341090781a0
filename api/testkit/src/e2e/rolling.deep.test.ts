import { randomBytes } from "node:crypto";
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { afterAll, expect, it } from "vitest";
import { signIn } from "../api.ts";
import { testDatabase } from "../database.ts";
import { cleanUp, type RunningShiplog, startShiplog } from "../process.ts";

const LOOK_MS = 250;
const CLIENTS = 8;

const database = await testDatabase();
const env = {
  DATABASE_URL: database.url,
  SHIPLOG_KEYS: `k1:${randomBytes(32).toString("base64")}`,
  SHIPLOG_ROLE: "server",
  SHIPLOG_RATE_LIMIT: "0",
};

interface Balancer {
  readonly url: string;
  /** Requests that each backend has got, by its URL. */
  readonly taken: ReadonlyMap<string, number>;
  set(backends: readonly string[]): void;
  ready(): readonly string[];
  close(): void;
}

/** Sends each request to the next backend whose /health/ready said yes when it last looked; it never tries twice. */
async function startBalancer(): Promise<Balancer> {
  let backends: readonly string[] = [];
  let ready: string[] = [];
  let turn = 0;
  const taken = new Map<string, number>();
  const look = async () => {
    const states = await Promise.all(
      backends.map((url) =>
        fetch(`${url}/health/ready`).then(
          (answer) => answer.arrayBuffer().then(() => answer.ok),
          () => false,
        ),
      ),
    );
    ready = backends.filter((_, at) => states[at]);
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  const server = createServer((incoming: IncomingMessage, outgoing: ServerResponse) => {
    const backend = ready[turn++ % ready.length];
    if (!backend) return void outgoing.writeHead(502).end();
    taken.set(backend, (taken.get(backend) ?? 0) + 1);
    const { method = "GET", headers, url = "/" } = incoming;
    const onward = request(`${backend}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end()));
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    set: (urls) => {
      backends = urls;
    },
    ready: () => ready,
    close: () => {
      clearInterval(timer);
      server.closeAllConnections();
      server.close();
    },
  };
}

afterAll(cleanUp);

it("a rolling restart of two servers under load fails no request", async () => {
  let servers: RunningShiplog[] = [await startShiplog({ env }), await startShiplog({ env })];
  const balancer = await startBalancer();
  const both = () => balancer.ready().length === 2;
  balancer.set(servers.map(({ url }) => url));
  await expect.poll(both, { timeout: 10_000 }).toBe(true);
  const owner = await signIn(balancer.url);
  const headers = { authorization: `Bearer ${owner.token}`, "content-type": "application/json" };

  const failures: string[] = [];
  let done = 0;
  let going = true;
  const note = (what: string) => void failures.push(what);
  const client = async (number: number) => {
    for (let i = 0; going; i++) {
      const graphql = (number + i) % 2 === 0;
      const path = graphql ? "/graphql" : "/api/v1/agents/analyze";
      const body = graphql
        ? { query: "{ viewer { isAdmin user { email } } }" }
        : { projectId: `prj_${"0".repeat(26)}` };
      const answer = await fetch(`${balancer.url}${path}`, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      }).catch((error: Error) => error);
      const said = answer instanceof Error ? String(answer) : await answer.text().catch(String);
      // The project is nobody's: 404 is what the route answers when all is well.
      const good =
        !(answer instanceof Error) &&
        answer.status === (graphql ? 200 : 404) &&
        !/INTERNAL|Unexpected/.test(said);
      if (!good) note(`${path} ${answer instanceof Error ? "" : answer.status} ${said.slice(0, 200)}`);
      done++;
    }
  };
  const clients = Array.from({ length: CLIENTS }, (_, number) => client(number));
  await expect.poll(() => done, { timeout: 20_000 }).toBeGreaterThan(100);

  for (const at of [0, 1]) {
    const old = servers[at] as RunningShiplog;
    expect(await old.stop()).toBeLessThan(10_000);
    expect(await old.exited).toBe(0);
    const before = done;
    const next = await startShiplog({ env });
    servers = servers.with(at, next);
    balancer.set(servers.map(({ url }) => url));
    await expect.poll(both, { timeout: 10_000 }).toBe(true);
    await expect.poll(() => balancer.taken.get(next.url) ?? 0, { timeout: 10_000 }).toBeGreaterThan(20);
    expect(done).toBeGreaterThan(before);
  }
  going = false;
  await Promise.all(clients);
  balancer.close();
  expect(failures).toEqual([]);
  expect(done).toBeGreaterThan(300);
}, 120_000);

/** Longer than idle connections are given; the request is what is waited for. */
const HELD_MS = 2_500;

it("answers what is in flight when it stops, and tells the client that the connection ends", async () => {
  const shiplog = await startShiplog({ env: { ...env, SHIPLOG_DRAIN_SECONDS: "0" } });
  const { token } = await signIn(shiplog.url);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (query: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const sent = request(`${shiplog.url}/graphql`, { method: "POST", agent, headers }, resolve);
    sent.once("error", reject).end(JSON.stringify({ query }));
    return promise.then(async (answer) => ({ answer, body: await text(answer) }));
  };
  // The connection is an old one, that went idle in between.
  expect((await ask("{ viewer { isAdmin } }")).answer.headers.connection).toBe("keep-alive");

  const lock = new pg.Client({ connectionString: database.url });
  await lock.connect();
  await lock.query("BEGIN; LOCK TABLE project IN ACCESS EXCLUSIVE MODE");
  const held = ask("{ projects { edges { node { name } } } }");
  const waits = "SELECT FROM pg_locks WHERE relation = 'project'::regclass AND NOT granted";
  await expect.poll(async () => (await lock.query(waits)).rowCount).toBe(1);
  const stopped = shiplog.stop();
  await delay(HELD_MS);
  await lock.query("ROLLBACK");
  await lock.end();
  const { answer, body } = await held;
  expect(answer).toMatchObject({ statusCode: 200, headers: { connection: "close" } });
  expect(JSON.parse(body)).toEqual({ data: { projects: { edges: [] } } });
  // Not the whole time that requests may take.
  expect(await stopped).toBeLessThan(HELD_MS + 1_500);
  expect(await shiplog.exited).toBe(0);
}, 60_000);
