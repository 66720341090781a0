import type { Context } from "../../context.ts";
import { unreachable } from "../../errors.ts";
import type { Json } from "../../ports.ts";
import { endExecution } from "../end.ts";
import { enqueueRun } from "../job.ts";
import type { Claim } from "../queries.ts";
import { underFence } from "./fence.ts";
import { Stop } from "./stop.ts";

/** How an attempt ended. */
export type Verdict =
  | { readonly kind: "completed"; readonly output: Json }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "cancelled" }
  | { readonly kind: "released" }
  | { readonly kind: "lost" };

export type RunOutcome = Verdict["kind"] | "not_claimed";

/** The verdict of something that was thrown. */
export function verdictOf(error: unknown): Verdict {
  if (!(error instanceof Stop)) {
    return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
  switch (error.reason) {
    case "budget":
      return { kind: "failed", message: error.message };
    case "cancelled":
    case "released":
    case "lost":
      return { kind: error.reason };
    default:
      return unreachable(error.reason);
  }
}

/** Writes the verdict by compare-and-set; a claim that was lost meanwhile writes nothing. */
export async function conclude(ctx: Context, claim: Claim, verdict: Verdict): Promise<RunOutcome> {
  try {
    await write(ctx, claim, verdict);
    return verdict.kind;
  } catch (error) {
    if (error instanceof Stop && error.reason === "lost") return "lost";
    throw error;
  }
}

async function write(ctx: Context, claim: Claim, verdict: Verdict): Promise<void> {
  switch (verdict.kind) {
    case "completed":
      return underFence(ctx, claim, (tx, row) =>
        // A cancel that came with the last step still counts: the asker was told that it would.
        row.cancelRequestedAt
          ? endExecution(tx, row, { status: "cancelled" })
          : endExecution(tx, row, { status: "completed", outputData: verdict.output }),
      );
    case "failed":
      return underFence(ctx, claim, (tx, row) =>
        endExecution(tx, row, { status: "failed", errorMessage: verdict.message }),
      );
    case "cancelled":
      return underFence(ctx, claim, (tx, row) => endExecution(tx, row, { status: "cancelled" }));
    case "released":
      return release(ctx, claim);
    case "lost":
      return;
    default:
      return unreachable(verdict);
  }
}

/** Gives the claim back: the lease is over now, and the job for the next worker comes with it. */
async function release(ctx: Context, claim: Claim): Promise<void> {
  await underFence(ctx, claim, async (tx, row) => {
    await tx.db.agentExecution.update({
      where: { id: row.id },
      select: { id: true },
      data: { leaseOwner: null, leaseUntil: null },
    });
    await enqueueRun(tx, row.id, row.fence);
  });
}
