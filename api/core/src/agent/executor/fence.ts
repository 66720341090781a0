import type { Context } from "../../context.ts";
import { DomainError } from "../../errors.ts";
import { transact } from "../../transaction.ts";
import { type Claim, type LockedExecution, lockExecution } from "../queries.ts";
import { pinClock } from "../stream/clock.ts";
import { Stop } from "./stop.ts";

/**
 * A transaction under the fence: the row is locked and still belongs to this claim, or Stop("lost"). Whoever
 * takes over bumps the fence under the same lock, so a stale worker commits nothing, however late it wakes. A
 * database that fails is no failure of the agent: the attempt counts as lost, and the next one resumes.
 */
export async function underFence<T>(
  ctx: Context,
  claim: Claim,
  work: (tx: Context, row: LockedExecution) => Promise<T>,
): Promise<T> {
  const clock = pinClock(ctx.clock);
  try {
    return await transact({ ...ctx, clock }, async (tx) => {
      clock.reset();
      const row = await lockExecution(tx, claim.id);
      if (!row || row.fence !== claim.fence || row.status !== "running") {
        throw new Stop("lost", "Another worker has the run, or it ended.");
      }
      return work(tx, row);
    });
  } catch (error) {
    if (error instanceof Stop) throw error;
    ctx.log.error({ error, executionId: claim.id }, "a run could not write; its lease runs out");
    throw new Stop("lost", "The database refused a write.");
  }
}

/** What the run itself must know; as with its writes, a database that fails is no failure of the agent. */
export async function readForRun<T>(ctx: Context, claim: Claim, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    ctx.log.error({ error, executionId: claim.id }, "a run could not read; its lease runs out");
    throw new Stop("lost", "The database refused a read.");
  }
}
