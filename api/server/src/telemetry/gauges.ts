import type { Context, TaskName } from "@shiplog/core";
import { connectionsOf, type Db, queryRaw, sql } from "@shiplog/db";
import type { LiveStats } from "@shiplog/live";
import type { Metrics } from "./metrics.ts";

export interface GaugeSources {
  readonly ctx: Context;
  readonly db: Db;
  /** Whether wake-ups reach other processes now. */
  readonly busConnected: () => boolean;
  readonly draining: () => boolean;
}

interface QueueRow {
  readonly task: string;
  readonly state: "ready" | "running" | "scheduled" | "failed";
  readonly jobs: number;
  /** Since the oldest was due (s). */
  readonly oldest: number;
}

const TASKS: Readonly<Record<TaskName, true>> = {
  process_delivery: true,
  run_agent: true,
  prune_deltas: true,
  apply_retention: true,
  send_password_reset: true,
  send_invitation: true,
  tend_accounts: true,
  rewrap_secrets: true,
  compact_runs: true,
};
const STATES = ["ready", "running", "scheduled", "failed"] as const;
/** A scrape must not hang with the database. */
const READ_MS = 2_000;

/** What is read when the metrics are asked for. A source that cannot be read leaves its series out. */
export function registerGauges(metrics: Metrics, sources: GaugeSources): void {
  const { db, busConnected, draining } = sources;
  metrics.gauge("shiplog_db_pool_connections", "Connections of the pool.", ["state"], (gauge) => {
    const { inUse, idle } = connectionsOf(db);
    gauge.set({ state: "in_use" }, inUse);
    gauge.set({ state: "idle" }, idle);
  });
  metrics.gauge("shiplog_db_pool_waiting", "Callers that wait for a connection.", [], (gauge) =>
    gauge.set(connectionsOf(db).waiting),
  );
  metrics.gauge("shiplog_db_pool_max", "Most connections that the pool may have.", [], (gauge) =>
    gauge.set(connectionsOf(db).max),
  );
  metrics.gauge("shiplog_bus_connected", "1: wake-ups reach the other processes.", [], (gauge) =>
    gauge.set(busConnected() ? 1 : 0),
  );
  metrics.gauge("shiplog_draining", "1: the process was told to stop.", [], (gauge) =>
    gauge.set(draining() ? 1 : 0),
  );
  registerQueue(metrics, sources.ctx);
}

/** What the stream transports of this process hold open, and what they did. */
export function registerLive(metrics: Metrics, stats: () => LiveStats): void {
  const open = [
    ["sockets", "WebSockets that are open."],
    ["eventStreams", "Event streams that are open."],
    ["operations", "Subscriptions that run."],
    ["groups", "Groups of subscriptions that share their executions."],
  ] as const;
  for (const [field, help] of open) {
    metrics.gauge(`shiplog_live_${snake(field)}`, help, [], (gauge) => gauge.set(stats()[field]));
  }
  const done = [
    ["executions", "Batches that were executed."],
    ["deliveries", "Batches that were handed to a subscriber's connection."],
    ["deliveredBytes", "Bytes of them."],
  ] as const;
  for (const [field, help] of done) {
    metrics.total(`shiplog_live_${snake(field)}_total`, help, () => stats()[field]);
  }
}

function snake(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function registerQueue(metrics: Metrics, ctx: Context): void {
  let reading: Promise<QueueRow[] | null> | null = null;
  // Both gauges of one scrape, and scrapes that come meanwhile, share a statement.
  const read = () => {
    reading ??= inTime(readQueue(ctx)).finally(() => {
      reading = null;
    });
    return reading;
  };
  metrics.gauge("shiplog_queue_jobs", "Jobs by task and state.", ["task", "state"], async (gauge) => {
    const rows = await read();
    gauge.reset();
    if (!rows) return;
    for (const task of Object.keys(TASKS)) for (const state of STATES) gauge.set({ task, state }, 0);
    for (const { task, state, jobs } of rows) gauge.inc({ task: labelOf(task), state }, jobs);
  });
  metrics.gauge(
    "shiplog_queue_oldest_seconds",
    "Since the oldest job that nobody has begun was due.",
    ["task"],
    async (gauge) => {
      const rows = await read();
      gauge.reset();
      if (!rows) return;
      for (const task of Object.keys(TASKS)) gauge.set({ task }, 0);
      for (const { task, state, oldest } of rows) {
        if (state === "ready") gauge.set({ task: labelOf(task) }, oldest);
      }
    },
  );
}

function labelOf(task: string): string {
  return task in TASKS ? task : "other";
}

function readQueue({ db }: Context): Promise<QueueRow[]> {
  return queryRaw<QueueRow>(
    db,
    sql`SELECT task_identifier AS task, count(*)::int AS jobs,
          CASE WHEN locked_at IS NOT NULL THEN 'running' WHEN attempts >= max_attempts THEN 'failed'
               WHEN run_at > now() THEN 'scheduled' ELSE 'ready' END AS state,
          greatest(0, extract(epoch FROM now() - min(run_at)))::float8 AS oldest
        FROM graphile_worker.jobs GROUP BY 1, 3`,
  );
}

async function inTime<T>(work: Promise<T>): Promise<T | null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, READ_MS, null);
  try {
    return await Promise.race([work, promise]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
