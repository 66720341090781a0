import type { Context } from "../../context.ts";

/** With the runner's growing pauses the last attempt comes about an hour after the first. */
const MAX_ATTEMPTS = 9;

/** Has the worker process a delivery once the transaction commits; a job that already waits for it stays the only one. */
export async function enqueueProcessing(tx: Context, deliveryId: string): Promise<void> {
  await tx.jobs.enqueue(
    tx.db,
    "process_delivery",
    { id: deliveryId },
    { key: `process_delivery:${deliveryId}`, maxAttempts: MAX_ATTEMPTS },
  );
}
