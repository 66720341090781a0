import { randomBytes } from "node:crypto";
import {
  type AgentRuntime,
  type Bus,
  type Context,
  createJobs,
  createLocalBus,
  createPasswordHasher,
  createPgBus,
  createRedisBus,
  createSecretBox,
  type Log,
  newUuid,
} from "@shiplog/core";
import { loadEpoch } from "@shiplog/core/live";
import { createDb, type Db, runNow } from "@shiplog/db";
import { createAgents } from "@shiplog/worker";
import type { Env } from "./env.ts";
import type { OpenDatabase } from "./launch/database.ts";
import { openKeyRing } from "./launch/keys.ts";
import type { Lifecycle } from "./lifecycle.ts";

/** What every role needs, bound once. */
export interface Services {
  readonly ctx: Context;
  readonly db: Db;
  readonly agents: AgentRuntime;
}

/** Where other processes may write the same database, they must be heard; an embedded one is ours alone. */
async function openBus(env: Env, url: string, log: Log, lifecycle: Lifecycle): Promise<Bus> {
  const onError = (error: unknown) => log.warn({ error }, "the bus lost its connection and reconnects");
  if (env.redisUrl) {
    const bus = createRedisBus({ url: env.redisUrl, onError });
    lifecycle.onStop("bus", bus.stop);
    return bus;
  }
  if (!env.databaseUrl) return createLocalBus();
  const bus = createPgBus({ url, onError });
  lifecycle.onStop("bus", bus.stop);
  await bus.ready;
  return bus;
}

/** Binds the ports of core to what this process has. `publicUrl` without a trailing slash. */
export async function createServices(
  env: Env,
  database: OpenDatabase,
  publicUrl: string,
  parts: { readonly log: Log; readonly lifecycle: Lifecycle },
): Promise<Services> {
  const { log, lifecycle } = parts;
  const db = createDb(database.url, {
    max: 12,
    onPoolError: (error) => log.warn({ error }, "a database connection broke and is replaced"),
  });
  lifecycle.onStop("database pool", () => db.$disconnect());
  const { dataDir, workspaces, leaseMs, externalSilenceMs, textWindowMs } = env;
  const agents = createAgents({ databaseUrl: database.url, denyPaths: [dataDir], workspaces });
  const ctx: Context = {
    db,
    afterCommit: runNow((error) => log.error({ error }, "an after-commit task failed")),
    clock: { now: () => new Date() },
    newId: newUuid,
    randomBytes,
    epoch: await loadEpoch(db),
    bus: await openBus(env, database.url, log, lifecycle),
    jobs: createJobs(),
    log,
    secrets: createSecretBox(openKeyRing(env)),
    passwords: createPasswordHasher(),
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
  return { ctx, db, agents };
}
