import { randomBytes } from "node:crypto";
import {
  type AgentRuntime,
  type Bus,
  type Context,
  createJobs,
  createLocalBus,
  createOperatorMailer,
  createPasswordHasher,
  createPgBus,
  createRateLimits,
  createRedisBus,
  createSecretBox,
  createSmtpMailer,
  type Log,
  newUuid,
  type RateLimits,
} from "@shiplog/core";
import { recordKeyUses } from "@shiplog/core/account";
import { loadEpoch } from "@shiplog/core/live";
import { createDb, type Db, runNow } from "@shiplog/db";
import { createAgents } from "@shiplog/worker";
import { openEgress } from "./egress/open.ts";
import type { Env } from "./env.ts";
import type { OpenDatabase } from "./launch/database.ts";
import { assertKeys, openKeyRing } from "./launch/keys.ts";
import { secretsOf } from "./launch/secrets.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { registerGauges } from "./telemetry/gauges.ts";
import type { Seeing } from "./telemetry/open.ts";
import { knowSecrets } from "./telemetry/redact.ts";

/** What every role needs, bound once. */
export interface Services {
  readonly ctx: Context;
  readonly db: Db;
  /** Of the streams alone: queries that use up the pool must not hold up an event, or the end of an access. */
  readonly streamsDb: Db;
  readonly agents: AgentRuntime;
  /** For every request to an address outside. */
  readonly egressFetch: typeof fetch;
  /** Wake-ups reach the other processes now. */
  readonly busConnected: () => boolean;
}

interface OpenBus {
  readonly bus: Bus;
  readonly connected: () => boolean;
}

/** Where other processes may write the same database, they must be heard; an embedded one is ours alone. */
async function openBus(env: Env, url: string, seeing: Seeing, lifecycle: Lifecycle): Promise<OpenBus> {
  const { log, metrics } = seeing;
  const onError = (error: unknown) => log.warn({ error }, "the bus lost its connection and reconnects");
  const onEcho = metrics.busLag;
  if (env.redisUrl) {
    const bus = createRedisBus({ url: env.redisUrl, onError, onEcho });
    lifecycle.onStop("bus", bus.stop);
    return { bus, connected: () => bus.connected };
  }
  if (!env.databaseUrl) return { bus: createLocalBus(), connected: () => true };
  const bus = createPgBus({ url, onError, onEcho });
  lifecycle.onStop("bus", bus.stop);
  await bus.ready;
  return { bus, connected: () => bus.connected };
}

function openLimits(env: Env, databaseUrl: string, log: Log, lifecycle: Lifecycle): RateLimits {
  const limits = createRateLimits({
    limit: env.rateLimit,
    databaseUrl,
    redisUrl: env.redisUrl,
    onError: (error) => log.warn({ error }, "rate limits are counted by this process alone for the moment"),
  });
  lifecycle.onStop("rate limits", () => limits.stop());
  return limits;
}

/** How often the last uses of API keys are written. */
const KEY_USES_MS = 5_000;

function keepKeyUses(ctx: Context, lifecycle: Lifecycle): void {
  const record = () =>
    recordKeyUses(ctx).catch((error) => ctx.log.warn({ error }, "the last uses of keys were not written"));
  const timer = setInterval(() => void record(), KEY_USES_MS).unref();
  lifecycle.onStop("key uses", () => {
    clearInterval(timer);
    return record();
  });
}

/** Binds the ports of core to what this process has. `publicUrl` without a trailing slash. */
export async function createServices(
  env: Env,
  database: OpenDatabase,
  publicUrl: string,
  parts: { readonly seeing: Seeing; readonly lifecycle: Lifecycle },
): Promise<Services> {
  const { seeing, lifecycle } = parts;
  const { log, watch, metrics } = seeing;
  const open = (max: number) =>
    createDb(database.url, {
      max,
      onStatement: watch.onStatement,
      onPoolError: (error) => log.warn({ error }, "a database connection broke and is replaced"),
    });
  const [db, streamsDb] = [open(12), open(3)];
  for (const one of [db, streamsDb]) lifecycle.onStop("database pool", () => one.$disconnect());
  const ring = openKeyRing(env);
  const ownSecrets = secretsOf(env, ring);
  knowSecrets(ownSecrets);
  const { dataDir, workspaces, leaseMs, externalSilenceMs, textWindowMs } = env;
  const { traceparent } = watch;
  const agents = createAgents({
    databaseUrl: database.url,
    denyPaths: [dataDir],
    workspaces,
    log,
    traceparent,
  });
  metrics.knowAgents(agents.definitions.keys());
  const { bus, connected } = await openBus(env, database.url, seeing, lifecycle);
  const ctx: Context = {
    db,
    afterCommit: runNow((error) => log.error({ error }, "an after-commit task failed")),
    clock: { now: () => new Date() },
    newId: newUuid,
    randomBytes,
    epoch: await loadEpoch(db),
    bus,
    jobs: createJobs(watch),
    log,
    telemetry: watch,
    secrets: createSecretBox(ring),
    ownSecrets,
    passwords: createPasswordHasher(),
    mailer: env.smtp ? createSmtpMailer(env.smtp) : createOperatorMailer((text) => console.log(text)),
    limits: openLimits(env, database.url, log, lifecycle),
    settings: {
      publicUrl,
      leaseMs,
      leaseRenewMs: leaseMs / 3,
      externalSilenceMs,
      textWindowMs,
      workspaces,
      privatePaths: [dataDir],
    },
    agentTypes: [...agents.definitions.values()],
  };
  keepKeyUses(ctx, lifecycle);
  await assertKeys(ctx);
  registerGauges(metrics, { ctx, db, busConnected: connected, draining: () => lifecycle.stopping });
  return { ctx, db, streamsDb, agents, egressFetch: openEgress(env, watch), busConnected: connected };
}
