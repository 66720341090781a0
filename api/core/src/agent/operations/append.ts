import type { Actor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { InvalidInputError } from "../../errors.ts";
import { encodeCursor } from "../../live/index.ts";
import { appendExternal } from "../append.ts";
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
  const batch = input.batch ?? null;
  if (batch !== null && (!Number.isInteger(batch) || batch < 1)) {
    const message = "Batches are numbered 1, 2, 3 …";
    throw new InvalidInputError(message, [{ path: ["input", "batch"], message }]);
  }
  const call = { actor, batch, drafts: parseEvents(input.events) };
  const { seq, status } = await appendExternal(ctx, input.id, call);
  return { cursor: encodeCursor({ streamId: input.id, seq, epoch: ctx.epoch }), status };
}
