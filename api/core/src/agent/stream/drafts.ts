import type { Json, UsageCounts } from "../../ports.ts";

/** A piece of a message that streams. */
export interface TextDelta {
  readonly kind: "textDelta";
  readonly messageId: string;
  readonly text: string;
}

/** A whole message; with the id of a streamed one it closes it and stands for its deltas. */
export interface Message {
  readonly kind: "message";
  readonly messageId: string;
  readonly role: string;
  readonly text: string;
  readonly parentCallId: string | null;
}

export interface ToolCallStarted {
  readonly kind: "toolCallStarted";
  readonly callId: string;
  readonly parentCallId: string | null;
  readonly tool: string;
  readonly arguments: Json;
}

export interface ToolCallFinished {
  readonly kind: "toolCallFinished";
  readonly callId: string;
  readonly ok: boolean;
  readonly result: Json;
  readonly durationMs: number | null;
}

/** Tokens of one model request. */
export interface Usage {
  readonly kind: "usage";
  readonly model: string | null;
  readonly tokens: UsageCounts;
}

/** What an agent, ours or an external one, has to tell; not yet sized, priced or numbered. */
export type EventDraft = TextDelta | Message | ToolCallStarted | ToolCallFinished | Usage;
