import type { AgentExecution, Prisma } from "@shiplog/db";
import type { Attempt } from "../account/index.ts";
import { type Actor, keyIdOf, userIdOf } from "../actor.ts";
import type { Context } from "../context.ts";
import type { Json } from "../ports.ts";
import { redactorOf } from "../redact/index.ts";
import { transact } from "../transaction.ts";
import { recordStatus } from "./events.ts";
import { enqueueRun } from "./job.ts";

export interface NewExecution {
  readonly projectId: string;
  readonly agentType: string;
  readonly taskDescription: string;
  readonly inputData: Json;
  readonly external: boolean;
  readonly idempotencyKey: string | null;
  readonly retryOfId: string | null;
}

/** The row, its first events and its job in one transaction; null when its idempotency key is taken. */
export async function createExecution(
  ctx: Context,
  actor: Actor,
  execution: NewExecution,
  attempt: Attempt,
): Promise<AgentExecution | null> {
  const redactor = await redactorOf(ctx, execution.projectId);
  return transact(ctx, async (tx) => {
    const now = tx.clock.now();
    const status = execution.external ? "running" : "pending";
    const [row] = await tx.db.agentExecution.createManyAndReturn({
      data: {
        ...execution,
        id: tx.newId(),
        taskDescription: redactor.text(execution.taskDescription),
        inputData: redactor.json(execution.inputData) as Prisma.InputJsonValue,
        status,
        createdById: userIdOf(actor),
        createdByKeyId: keyIdOf(actor),
        startedAt: execution.external ? now : null,
        lastActivityAt: now,
        createdAt: now,
      },
      skipDuplicates: true,
    });
    if (!row) return null;
    const { agentType, external } = execution;
    await attempt.succeed(tx, {
      target: { type: "AgentExecution", id: row.id },
      details: { agentType, external, retryOf: execution.retryOfId },
    });
    recordStatus(tx, row, { status, errorMessage: null, attempt: 0 });
    if (!row.external) await enqueueRun(tx, row.id, row.fence);
    return row;
  });
}
