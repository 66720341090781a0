import { queryRaw, sql } from "@shiplog/db";
import type { Context } from "../context.ts";
import { transact } from "../transaction.ts";
import { endExecution } from "./end.ts";
import { enqueueRun } from "./job.ts";
import { lockExecution } from "./queries.ts";
import { isEnded } from "./status.ts";

/** What a sweep found. */
export interface Swept {
  /** Runs whose worker died, or whose job got lost, with a fresh job. */
  readonly requeued: number;
  /** External runs without a sign of life, failed. */
  readonly silent: number;
  /** Runs that lost too many workers, failed. */
  readonly givenUp: number;
}

/** A run that has cost this many workers is more likely their killer than their victim. */
const MOST_ATTEMPTS = 20;
/** A pending run is picked up at once; after this long without a waiting job it has none (ms). */
const LOST_JOB_MS = 5_000;
const PAGE = 100;

/**
 * Finds what nobody takes care of. Every worker calls it every two seconds; several at once do no harm, because
 * each finding is checked again under the row's lock and a job's key admits one.
 */
export async function sweepAgentExecutions(ctx: Context): Promise<Swept> {
  const requeued = await requeueOrphans(ctx);
  const givenUp = await giveUp(ctx);
  const silent = await failSilent(ctx);
  return { requeued, silent, givenUp };
}

interface Found {
  readonly id: string;
  readonly fence: bigint;
}

/** Expired leases and lost jobs; SKIP LOCKED leaves a row that is being claimed alone. */
async function requeueOrphans(ctx: Context): Promise<number> {
  return transact(ctx, async (tx) => {
    const orphans = await queryRaw<Found>(
      tx.db,
      sql`SELECT id, fence FROM agent_execution e
          WHERE NOT external AND attempt < ${MOST_ATTEMPTS}
            AND ((status = 'running' AND (lease_until IS NULL OR lease_until <= clock_timestamp()))
              OR (status = 'pending' AND created_at <= ${before(tx, LOST_JOB_MS)}::timestamptz))
            AND NOT EXISTS (SELECT FROM graphile_worker.jobs j
              WHERE j.key = 'run_agent:' || e.id || ':' || e.fence AND j.locked_at IS NULL
                AND j.attempts < j.max_attempts)
          ORDER BY created_at LIMIT ${PAGE} FOR UPDATE OF e SKIP LOCKED`,
    );
    for (const { id, fence } of orphans) await enqueueRun(tx, id, fence);
    return orphans.length;
  });
}

async function giveUp(ctx: Context): Promise<number> {
  const hopeless = await queryRaw<Found>(
    ctx.db,
    sql`SELECT id, fence FROM agent_execution WHERE NOT external AND status = 'running'
          AND attempt >= ${MOST_ATTEMPTS} AND (lease_until IS NULL OR lease_until <= clock_timestamp())
        LIMIT ${PAGE}`,
  );
  for (const { id } of hopeless) {
    await transact(ctx, async (tx) => {
      const row = await lockExecution(tx, id);
      if (row?.status !== "running" || row.leaseAlive) return;
      await endExecution(tx, row, { status: "failed", errorMessage: `lost ${row.attempt} workers in a row` });
    });
  }
  return hopeless.length;
}

async function failSilent(ctx: Context): Promise<number> {
  const limit = before(ctx, ctx.settings.externalSilenceMs);
  const silent = await queryRaw<Found>(
    ctx.db,
    sql`SELECT id, fence FROM agent_execution WHERE external AND status = 'running'
          AND last_activity_at <= ${limit}::timestamptz LIMIT ${PAGE}`,
  );
  for (const { id } of silent) {
    await transact(ctx, async (tx) => {
      const row = await lockExecution(tx, id);
      // It may have spoken since.
      if (!row || isEnded(row.status) || row.lastActivityAt > limit) return;
      const errorMessage = `no sign of life for ${duration(ctx.settings.externalSilenceMs)}`;
      await endExecution(tx, row, { status: "failed", errorMessage });
    });
  }
  return silent.length;
}

function before(ctx: Context, ms: number): Date {
  return new Date(ctx.clock.now().getTime() - ms);
}

function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes >= 1) return minutes === 1 ? "1 minute" : `${minutes} minutes`;
  return `${Math.round(ms / 1_000)} seconds`;
}
