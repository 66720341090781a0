import { audited } from "../../account/index.ts";
import type { Actor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { InvalidInputError } from "../../errors.ts";
import { encodeCursor } from "../../live/index.ts";
import { APPEND_ACTION, appendExternal } from "../append.ts";
import { type AgentEventInput, parseEvents } from "../input.ts";
import type { AgentExecutionStatus } from "../status.ts";

export interface AppendAgentExecutionEventsInput {
  readonly id: string;
  /** 1, 2, 3 … per execution; null: unnumbered, a repeat writes again. */
  readonly batch?: number | null;
  /** At most 500 and 256 KiB of JSON; none = a sign of life. */
  readonly events: readonly AgentEventInput[];
}

export interface AppendAgentExecutionEventsResult {
  /** Position in the execution's stream after these events. */
  readonly cursor: string;
  readonly status: AgentExecutionStatus;
}

/**
 * Appends events of an external run; answered once they are durable. Calls that come together share a
 * transaction, and text waits for its window, so an answer may take 50 ms. A repeated batch answers its first
 * cursor and writes nothing. BatchOutOfOrderError, AgentExecutionEndedError, InvalidStatusError for an internal
 * run, InvalidInputError.
 */
export async function appendAgentExecutionEvents(
  ctx: Context,
  actor: Actor,
  input: AppendAgentExecutionEventsInput,
): Promise<AppendAgentExecutionEventsResult> {
  const { id } = input;
  const event = { action: APPEND_ACTION, target: { type: "AgentExecution", id } } as const;
  // The entry of a success is written by the transaction that the call shares with others.
  return audited(ctx, actor, event, async (attempt) => {
    const call = {
      actor,
      batch: batchOf(input),
      drafts: parseEvents(input.events),
      origin: ctx.origin,
      attempt,
    };
    const { seq, status } = await appendExternal(ctx, id, call);
    return { cursor: encodeCursor({ streamId: id, seq, epoch: ctx.epoch }), status };
  });
}

function batchOf(input: AppendAgentExecutionEventsInput): number | null {
  const batch = input.batch ?? null;
  if (batch === null || (Number.isInteger(batch) && batch >= 1)) return batch;
  const message = "Batches are numbered 1, 2, 3 …";
  throw new InvalidInputError(message, [{ path: ["input", "batch"], message }]);
}
