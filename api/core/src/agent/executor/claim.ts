import type { Context } from "../../context.ts";
import { transact } from "../../transaction.ts";
import { interruptedCall, recordStatus } from "../events.ts";
import { type Claim, claimRow, openCalls } from "../queries.ts";
import { releaseHeld } from "../stream/held.ts";

/**
 * Claims the execution for this worker; null when there is nothing to claim. A takeover shows in the stream: the
 * dead attempt's text that was held back comes out, its open tool calls end as interrupted, and the status event carries the new attempt.
 */
export async function claimExecution(ctx: Context, id: string, worker: string): Promise<Claim | null> {
  return transact(ctx, async (tx) => {
    const claim = await claimRow(tx, id, worker);
    if (!claim) return null;
    const released = await releaseHeld(tx, claim);
    if (claim.heldSealed) {
      const lastTextAt = tx.clock.now();
      await tx.db.agentExecution.update({
        where: { id },
        select: { id: true },
        data: { heldSealed: null, lastTextAt },
      });
    }
    const interrupted = claim.attempt > 1 ? await openCalls(tx, id) : [];
    recordStatus(tx, claim, { status: "running", errorMessage: null, attempt: claim.attempt }, [
      ...released,
      ...interrupted.map(interruptedCall),
    ]);
    return claim;
  });
}
