import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "@shiplog/core";
import { executeRaw, queryRaw, sql } from "@shiplog/db";
import type { WorkerUtils } from "graphile-worker";

type Client = Parameters<Parameters<WorkerUtils["withPgClient"]>[0]>[0];

const RETRY_MS = 1_000;
const BEAT_MS = 2_500;
/** Of a machine that vanished, or a network that forgot the connection, no end reaches the server for hours. */
const SILENT_MS = 10_000;

/**
 * Holds an advisory lock in the pool's name for as long as this process lives: PostgreSQL drops it with the
 * connection, or when nothing has come over that for ten seconds, so everybody can tell a dead pool's jobs from a
 * busy one's. Resolves when it is stopped.
 */
export async function holdLiveness(
  utils: Pick<WorkerUtils, "withPgClient">,
  pool: string,
  signal: AbortSignal,
  onLost: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await utils.withPgClient((client) => hold(client, pool, signal));
    } catch (error) {
      onLost(error);
      await delay(RETRY_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }
}

async function hold(client: Client, pool: string, signal: AbortSignal): Promise<void> {
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  client.once("error", broken.reject);
  client.once("end", () => broken.reject(new Error("the connection ended")));
  await client.query("SELECT set_config('idle_session_timeout', $1, false)", [String(SILENT_MS)]);
  await client.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [pool]);
  try {
    while (!signal.aborted) {
      await client.query("SELECT 1");
      const pause = delay(BEAT_MS, undefined, { signal, ref: false }).catch(() => {});
      await Promise.race([pause, broken.promise]);
    }
  } finally {
    await client.query("SELECT pg_advisory_unlock_all()").catch(() => {});
    await client.query("RESET idle_session_timeout").catch(() => {});
  }
}

/**
 * Gives back the jobs of pools that are dead; the runner itself would wait four hours. Safe at any time: a job
 * may run twice, and every task has the effect of one.
 */
export async function unlockDeadPools(ctx: Context): Promise<number> {
  const pools = await queryRaw<{ pool: string }>(
    ctx.db,
    sql`SELECT DISTINCT locked_by AS pool FROM graphile_worker.jobs
        WHERE locked_by IS NOT NULL AND locked_at < clock_timestamp() - interval '5 s'`,
  );
  let dead = 0;
  for (const { pool } of pools) {
    dead += await executeRaw(
      ctx.db,
      sql`SELECT graphile_worker.force_unlock_workers(ARRAY[${pool}::text])
          WHERE pg_try_advisory_xact_lock(hashtextextended(${pool}, 0))`,
    );
  }
  return dead;
}
