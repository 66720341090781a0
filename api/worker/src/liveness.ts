import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "@shiplog/core";
import { executeRaw, queryRaw, sql } from "@shiplog/db";
import type { WorkerUtils } from "graphile-worker";

const RETRY_MS = 1_000;

/**
 * Holds an advisory lock in the pool's name for as long as this process lives: PostgreSQL drops it with the
 * connection, so everybody can tell a dead pool's jobs from a busy one's. Resolves when it is stopped.
 */
export async function holdLiveness(
  utils: Pick<WorkerUtils, "withPgClient">,
  pool: string,
  signal: AbortSignal,
  onLost: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await utils.withPgClient(async (client) => {
        await client.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [pool]);
        try {
          await new Promise<void>((resolve, reject) => {
            client.once("error", reject);
            client.once("end", () => reject(new Error("the connection ended")));
            signal.addEventListener("abort", () => resolve(), { once: true });
            if (signal.aborted) resolve();
          });
        } finally {
          await client.query("SELECT pg_advisory_unlock_all()").catch(() => {});
        }
      });
    } catch (error) {
      onLost(error);
      await delay(RETRY_MS, undefined, { signal, ref: false }).catch(() => {});
    }
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
