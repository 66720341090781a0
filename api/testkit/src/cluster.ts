import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Context, createPasswordHasher, createPgBus, createRedisBus } from "@shiplog/core";
import { ensureOwner } from "@shiplog/core/account";
import { createDb } from "@shiplog/db";
import { providers } from "@shiplog/ingest/providers";
import { parseEnv } from "@shiplog/server/env";
import { createApp } from "@shiplog/server/http/app";
import { createLifecycle, type Lifecycle } from "@shiplog/server/lifecycle";
import { createServices, type Services } from "@shiplog/server/services";
import { createLog } from "@shiplog/server/telemetry/log";
import { openSeeing } from "@shiplog/server/telemetry/open";
import { startWorker } from "@shiplog/worker";
import { makeContext } from "./context.ts";
import { until } from "./deferred.ts";
import { OWNER, startShiplog } from "./process.ts";

/** How processes, or the parts of one, tell each other that streams grew. */
export type BusKind = "in-process" | "PostgreSQL" | "Redis";

export interface ClusterOptions {
  readonly databaseUrl: string;
  readonly bus: BusKind;
  /** Needed for Redis. */
  readonly redisUrl?: string | undefined;
  readonly servers: number;
  readonly worker: boolean;
  /** More of the environment, for all of them. */
  readonly env?: Record<string, string>;
}

/** Servers and a worker over one database, and a writer beside them. */
export interface Cluster {
  /** e.g. http://127.0.0.1:41234 */
  readonly urls: readonly string[];
  /** Writes to the database and tells over the bus, as one more process would; in-process, as a part of it. */
  readonly ctx: Context;
  stop(): Promise<void>;
}

/** Seals what the database keeps secret; the writer beside the processes needs the same. */
export const RING = `test:${Buffer.alloc(32, 7).toString("base64")}`;

/** Each server and the worker as a process of its own; with the in-process bus, all within this process. */
export function startCluster(options: ClusterOptions): Promise<Cluster> {
  return options.bus === "in-process" ? startTogether(options) : startApart(options);
}

async function startApart(options: ClusterOptions): Promise<Cluster> {
  const { databaseUrl, redisUrl } = options;
  const bus = busOf(options);
  const env = {
    ...(options.bus === "Redis" && redisUrl && { REDIS_URL: redisUrl }),
    DATABASE_URL: databaseUrl,
    SHIPLOG_KEYS: RING,
    SHIPLOG_RATE_LIMIT: "0",
    ...options.env,
  };
  const server = () => startShiplog({ env: { ...env, SHIPLOG_ROLE: "server" } });
  const worker = () => startShiplog({ env: { ...env, SHIPLOG_ROLE: "worker", SHIPLOG_WORKER_PORT: "0" } });
  const [servers, workers] = await Promise.all([
    Promise.all(Array.from({ length: options.servers }, server)),
    Promise.all(options.worker ? [worker()] : []),
  ]);
  await bus.listening();
  const db = createDb(databaseUrl);
  return {
    urls: servers.map(({ url }) => url),
    ctx: await makeContext({ db }, { bus }),
    stop: async () => {
      await Promise.all([...servers, ...workers].map((process) => process.stop()));
      await Promise.all([bus.stop(), db.$disconnect()]);
    },
  };
}

function busOf({ bus, redisUrl, databaseUrl }: ClusterOptions) {
  if (bus === "PostgreSQL") {
    const made = createPgBus({ url: databaseUrl });
    return { ...made, listening: () => made.ready };
  }
  if (!redisUrl) throw new Error("the bus over Redis needs TEST_REDIS_URL");
  const made = createRedisBus({ url: redisUrl });
  return { ...made, listening: () => until(() => made.connected) };
}

async function startTogether(options: ClusterOptions): Promise<Cluster> {
  // Without DATABASE_URL it takes the database for its own, and needs no bus that others hear.
  const env = parseEnv({ SHIPLOG_KEYS: RING, SHIPLOG_RATE_LIMIT: "0", SHIPLOG_DEMO: "0", ...options.env });
  const log = createLog("error");
  const lifecycle = createLifecycle(log);
  const database = { url: options.databaseUrl, stop: async () => {}, onExit: () => {} };
  const seeing = await openSeeing(env, log, lifecycle);
  const services = await createServices(env, database, "http://127.0.0.1", { seeing, lifecycle });
  const { ctx, agents } = services;
  const urls: string[] = [];
  for (let i = 0; i < options.servers; i++) urls.push(await serveApp(env, services, lifecycle));
  if (options.worker) {
    const worker = await startWorker({ ctx, connectionString: database.url, agents, providers });
    lifecycle.onStop("worker", () => worker.stop());
  }
  await ensureOwner(ctx, OWNER);
  // Hundreds of test people sign in: what costs an attacker time would cost the tests'.
  const passwords = createPasswordHasher({ memoryCost: 64, timeCost: 1 });
  return { urls, ctx: { ...ctx, passwords }, stop: () => lifecycle.stop() };
}

async function serveApp(
  env: ReturnType<typeof parseEnv>,
  services: Services,
  lifecycle: Lifecycle,
): Promise<string> {
  const seeing = await openSeeing(env, createLog("error"), lifecycle);
  const health = { checks: {}, draining: () => lifecycle.stopping };
  const server = createServer();
  lifecycle.onStop("sockets", async () => void server.close().closeAllConnections());
  const app = await createApp(env, services, { health, seeing, lifecycle });
  server.on("request", app.request);
  server.on("upgrade", app.upgrade);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
