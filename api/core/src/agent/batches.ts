import type { Context } from "../context.ts";
import type { LockedExecution } from "./queries.ts";

/** What becomes of one call of a group. */
export type BatchPlan =
  | { readonly kind: "write"; readonly batch: number | null }
  /** Written before: in the log, or (seq null) earlier in the same group. */
  | { readonly kind: "repeat"; readonly batch: number; readonly seq: number | null }
  | { readonly kind: "skip"; readonly expected: number };

/** Decides in the order the calls came; the row's lock makes the numbers exact across processes. */
export async function planBatches(
  tx: Context,
  row: LockedExecution,
  calls: readonly { readonly batch: number | null }[],
): Promise<BatchPlan[]> {
  const repeated = calls.flatMap(({ batch }) => (batch !== null && batch <= row.lastBatch ? [batch] : []));
  const answers = await firstAnswers(tx, row.id, repeated);
  let last = row.lastBatch;
  return calls.map(({ batch }): BatchPlan => {
    if (batch === null) return { kind: "write", batch };
    if (batch <= last) return { kind: "repeat", batch, seq: answers.get(batch) ?? null };
    if (batch > last + 1) return { kind: "skip", expected: last + 1 };
    last = batch;
    return { kind: "write", batch };
  });
}

async function firstAnswers(
  tx: Context,
  id: string,
  batches: readonly number[],
): Promise<Map<number, number>> {
  if (batches.length === 0) return new Map();
  const rows = await tx.db.agentBatch.findMany({
    where: { executionId: id, batch: { in: [...batches] } },
    select: { batch: true, seq: true },
  });
  return new Map(rows.map(({ batch, seq }) => [batch, seq]));
}

/** Remembers the answers of the numbered calls that were written. */
export async function storeBatches(
  tx: Context,
  executionId: string,
  plan: readonly BatchPlan[],
  seqs: readonly number[],
): Promise<void> {
  const createdAt = tx.clock.now();
  const data = plan.flatMap((step, index) =>
    step.kind === "write" && step.batch !== null
      ? [{ executionId, batch: step.batch, seq: seqs[index] ?? 0, createdAt }]
      : [],
  );
  if (data.length > 0) await tx.db.agentBatch.createMany({ data });
}
