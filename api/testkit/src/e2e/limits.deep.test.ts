import { randomBytes } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { signIn } from "../api.ts";
import { testDatabase } from "../database.ts";
import { cleanUp, type RunningShiplog, startShiplog } from "../process.ts";
import { startProxy, type TcpProxy } from "../proxy.ts";

const database = await testDatabase();
const REDIS = process.env.TEST_REDIS_URL;
const TIMEOUT = 120_000;
const SERVERS = 3;
const REQUESTS = 1_000;

afterAll(cleanUp);

async function startServers(env: Record<string, string>): Promise<RunningShiplog[]> {
  const common = {
    DATABASE_URL: database.url,
    SHIPLOG_KEYS: `k1:${Buffer.alloc(32, 9).toString("base64")}`,
    SHIPLOG_ROLE: "server",
    SHIPLOG_RATE_LIMIT: "100",
    ...env,
  };
  return Promise.all(Array.from({ length: SERVERS }, () => startShiplog({ env: common })));
}

/** A new person of his own: nobody has counted him yet. */
async function newcomer(servers: readonly RunningShiplog[]): Promise<string> {
  const [first] = servers;
  const url = first?.url ?? "";
  const person = {
    email: `${randomBytes(6).toString("hex")}@example.org`,
    password: "correct horse battery",
  };
  const owner = await signIn(url);
  await owner.graphql("mutation($input: CreateUserInput!) { createUser(input: $input) { __typename } }", {
    input: { ...person, name: "Newcomer" },
  });
  return (await signIn(url, person)).token;
}

/** How often each status was answered. */
async function flood(servers: readonly RunningShiplog[], token: string): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  let next = 0;
  const worker = async () => {
    while (next < REQUESTS) {
      const server = servers[next++ % servers.length];
      const response = await fetch(`${server?.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: "{ viewer { isAdmin } }" }),
      });
      await response.arrayBuffer();
      counts[response.status] = (counts[response.status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 40 }, worker));
  return counts;
}

const STORES: readonly (readonly [string, string | undefined])[] = [
  ["PostgreSQL", undefined],
  ...(REDIS ? [["Redis", REDIS] as const] : []),
];

describe.each(STORES)("three servers that count in %s", (_store, redis) => {
  it(
    "accept exactly 100 of 1,000 requests of one person",
    async () => {
      const servers = await startServers(redis ? { REDIS_URL: redis } : {});
      const token = await newcomer(servers);
      expect(await flood(servers, token)).toEqual({ 200: 100, 429: REQUESTS - 100 });
      await Promise.all(servers.map((server) => server.stop()));
    },
    TIMEOUT,
  );
});

describe.runIf(REDIS)("while the store is away", () => {
  it(
    "each server's own limit holds, and nothing answers 5xx",
    async () => {
      const { hostname, port } = new URL(REDIS ?? "");
      const proxy: TcpProxy = await startProxy();
      proxy.target(Number(port || 6379));
      expect(hostname).toBe("127.0.0.1");
      const servers = await startServers({ REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
      const token = await newcomer(servers);
      await proxy.close();
      const counts = await flood(servers, token);
      expect(Object.keys(counts).toSorted()).toEqual(["200", "429"]);
      expect(counts[200]).toBeGreaterThanOrEqual(100);
      expect(counts[200]).toBeLessThanOrEqual(100 * SERVERS);
      await Promise.all(servers.map((server) => server.stop()));
    },
    TIMEOUT,
  );
});
