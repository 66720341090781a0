import { priceUsage } from "../../activity/index.ts";
import type { Context } from "../../context.ts";
import { unreachable } from "../../errors.ts";
import { fitText, type NewEvent } from "../../live/index.ts";
import type { Json } from "../../ports.ts";
import type { EventDraft, Message, ToolCallFinished, ToolCallStarted, Usage } from "./drafts.ts";
import type { Totals } from "./totals.ts";

/** The stream that the events are for. */
export interface StreamOwner {
  readonly id: string;
  readonly projectId: string;
}

interface FittedJson {
  /** The value itself, or the beginning of its JSON text. */
  readonly value: Json;
  readonly truncated: boolean;
  readonly contentId: string | null;
}

async function fitJson(tx: Context, owner: StreamOwner, value: Json): Promise<FittedJson> {
  const text = JSON.stringify(value);
  const fitted = await fitText(
    tx,
    { projectId: owner.projectId, streamId: owner.id },
    text,
    "application/json",
  );
  return fitted.truncated
    ? { value: fitted.text, truncated: true, contentId: fitted.contentId }
    : { value, truncated: false, contentId: null };
}

async function storeMessage(
  tx: Context,
  owner: StreamOwner,
  draft: Message,
  fromSeq: number | null,
): Promise<NewEvent> {
  const { text, truncated, contentId } = await fitText(
    tx,
    { projectId: owner.projectId, streamId: owner.id },
    draft.text,
    "text/markdown",
  );
  const { messageId, role, parentCallId } = draft;
  return {
    type: "AgentMessage",
    data: { messageId, role, text, parentCallId, fromSeq, truncated, contentId },
  };
}

async function storeStart(tx: Context, owner: StreamOwner, draft: ToolCallStarted): Promise<NewEvent> {
  const { value, truncated, contentId } = await fitJson(tx, owner, draft.arguments);
  const { callId, parentCallId, tool } = draft;
  return {
    type: "AgentToolCallStarted",
    data: { callId, parentCallId, tool, arguments: value, truncated, contentId },
  };
}

async function storeFinish(tx: Context, owner: StreamOwner, draft: ToolCallFinished): Promise<NewEvent> {
  const { value, truncated, contentId } = await fitJson(tx, owner, draft.result);
  const { callId, ok, durationMs } = draft;
  return {
    type: "AgentToolCallFinished",
    data: { callId, ok, result: value, durationMs, truncated, contentId },
  };
}

function storeUsage(tx: Context, draft: Usage, totals: Totals): NewEvent {
  const { costNanos } = priceUsage(draft.tokens, draft.model, tx.clock.now());
  totals.addUsage(draft, costNanos);
  const { tokens } = draft;
  return {
    type: "AgentUsage",
    data: {
      model: draft.model,
      inputTokens: String(tokens.inputTokens),
      cacheReadTokens: String(tokens.cacheReadTokens),
      cacheWrite5mTokens: String(tokens.cacheWrite5mTokens),
      cacheWrite1hTokens: String(tokens.cacheWrite1hTokens),
      outputTokens: String(tokens.outputTokens),
      reasoningTokens: String(tokens.reasoningTokens),
      costNanos: costNanos === null ? null : String(costNanos),
    },
  };
}

/** The event as the log keeps it; large parts go to content in the same transaction, counts to `totals`. */
export async function storeDraft(
  tx: Context,
  owner: StreamOwner,
  draft: EventDraft,
  fromSeq: number | null,
  totals: Totals,
): Promise<NewEvent> {
  switch (draft.kind) {
    case "textDelta":
      return { type: "AgentTextDelta", data: { messageId: draft.messageId, text: draft.text } };
    case "message":
      return storeMessage(tx, owner, draft, fromSeq);
    case "toolCallStarted":
      totals.toolCalls++;
      return storeStart(tx, owner, draft);
    case "toolCallFinished":
      return storeFinish(tx, owner, draft);
    case "usage":
      return storeUsage(tx, draft, totals);
    default:
      return unreachable(draft);
  }
}
