import type { Context } from "../context.ts";

/** The key holds the fence: one waiting job per claim that may be made, however often it is enqueued. */
function runKey(id: string, fence: bigint): string {
  return `run_agent:${id}:${fence}`;
}

/**
 * Enqueues a run in the caller's transaction. The job is delivery only; the claim decides, so a job too many is
 * harmless and a lost one is found by the sweep.
 */
export async function enqueueRun(tx: Context, id: string, fence: bigint): Promise<void> {
  await tx.jobs.enqueue(tx.db, "run_agent", { id }, { key: runKey(id, fence), maxAttempts: 3 });
}

/** Readers that were cut off at the end come back within this time and still find every piece (ms). */
const PRUNE_AFTER_MS = 60_000;

/** Enqueues the removal of what the ended execution's messages stand for, in the transaction that ends it. */
export async function enqueuePrune(tx: Context, id: string): Promise<void> {
  const runAt = new Date(tx.clock.now().getTime() + PRUNE_AFTER_MS);
  await tx.jobs.enqueue(tx.db, "prune_deltas", { id }, { key: `prune_deltas:${id}`, runAt });
}
