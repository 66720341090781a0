import { Prisma } from "@shiplog/db";
import type { Context } from "../context.ts";
import { cleanText, type NewEvent } from "../live/index.ts";
import type { Json } from "../ports.ts";
import { redactorOf } from "../redact/index.ts";
import { interruptedCall, recordStatus } from "./events.ts";
import { enqueuePrune } from "./job.ts";
import { type LockedExecution, openCalls } from "./queries.ts";
import { canBecome, type EndStatus } from "./status.ts";
import { releaseHeld } from "./stream/held.ts";

export interface Ending {
  readonly status: EndStatus;
  readonly outputData?: Json;
  readonly errorMessage?: string | null;
}

const MESSAGE_CHARS = 2_000;

/**
 * Ends an execution that this transaction has locked: the status, its events, and the text that was held back, and
 * the end of every tool call that is still open. The fence moves on, so that a worker that still believes in its claim commits nothing.
 */
export async function endExecution(tx: Context, row: LockedExecution, ending: Ending): Promise<void> {
  if (!canBecome(row.status, ending.status)) throw new Error(`${row.status} cannot become ${ending.status}`);
  const redactor = await redactorOf(tx, row.projectId);
  const released = await releaseHeld(tx, row);
  const errorMessage = ending.errorMessage
    ? cleanText(redactor.text(ending.errorMessage).slice(0, MESSAGE_CHARS))
    : null;
  await tx.db.agentExecution.update({
    where: { id: row.id },
    select: { id: true },
    data: {
      status: ending.status,
      outputData: jsonColumn(ending.outputData && redactor.json(ending.outputData)),
      errorMessage,
      completedAt: tx.clock.now(),
      heldSealed: null,
      ...(released.length > 0 && { lastTextAt: tx.clock.now() }),
      fence: { increment: 1 },
      leaseOwner: null,
      leaseUntil: null,
    },
  });
  tx.afterCommit(() => tellEnd(tx, row, ending.status));
  const open = await openCalls(tx, row.id);
  const closed: NewEvent[] = [...released, ...open.map((callId) => interruptedCall(callId))];
  recordStatus(tx, row, { status: ending.status, errorMessage, attempt: row.attempt }, closed);
  if (row.lastTextAt || released.length > 0) await enqueuePrune(tx, row.id);
}

function tellEnd(tx: Context, { agentType, startedAt }: LockedExecution, status: EndStatus): void {
  const ms = startedAt && tx.clock.now().getTime() - startedAt.getTime();
  tx.telemetry.note({ kind: "agent_execution_ended", agentType, status, ms });
}

function jsonColumn(value: Json | undefined): Prisma.InputJsonValue | typeof Prisma.DbNull {
  return value === undefined || value === null ? Prisma.DbNull : (value as Prisma.InputJsonValue);
}
