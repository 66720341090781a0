import type { AgentExecution } from "@shiplog/db";
import { audited } from "../../account/index.ts";
import type { Actor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { NotFoundError, unreachable } from "../../errors.ts";
import { transact } from "../../transaction.ts";
import { loadExecution, readExecution } from "../access.ts";
import { endExecution } from "../end.ts";
import { InvalidStatusError } from "../errors.ts";
import { type LockedExecution, lockExecution } from "../queries.ts";
import { cancelEffect } from "../status.ts";

/**
 * Cancels a run. One that a worker holds is asked to stop and ends within two seconds (`cancelRequestedAt`);
 * every other ends at once. InvalidStatusError when it has ended.
 */
export async function cancelAgentExecution(
  ctx: Context,
  actor: Actor,
  input: { readonly id: string },
): Promise<AgentExecution> {
  const { id } = input;
  const event = { action: "agent_execution.cancel", target: { type: "AgentExecution", id } } as const;
  return audited(ctx, actor, event, async (attempt) => {
    await loadExecution(ctx, actor, id, "agent.write", attempt);
    await transact(ctx, async (tx) => {
      const row = await lockExecution(tx, id);
      if (!row) throw new NotFoundError("agent execution");
      await cancelLocked(tx, row);
      await attempt.succeed(tx);
    });
    return readExecution(ctx, id);
  });
}

async function cancelLocked(tx: Context, row: LockedExecution): Promise<void> {
  const effect = cancelEffect(row);
  switch (effect) {
    case "at_once":
      return endExecution(tx, row, { status: "cancelled" });
    case "ask_worker":
      if (row.cancelRequestedAt) return;
      await tx.db.agentExecution.update({
        where: { id: row.id },
        select: { id: true },
        data: { cancelRequestedAt: tx.clock.now() },
      });
      // The worker listens; one in another process hears of it as "something happened" and looks.
      tx.afterCommit(() => tx.bus.wake([row.id]));
      return;
    case "refuse":
      throw new InvalidStatusError(`The run has ended: ${row.status}.`);
    default:
      return unreachable(effect);
  }
}
