import { encodeId } from "@shiplog/core";
import type { StoredEvent } from "@shiplog/core/live";
import { builder, type Types } from "../builder.ts";
import { AgentExecutionStatus } from "../shared/enums.ts";
import { AT, batchType, type EventOf, type JsonValue, SEQ } from "../shared/live.ts";

type FieldsOf<T> = PothosSchemaTypes.ObjectFieldBuilder<Types, EventOf<T>>;

const AgentExecutionEvent = builder.interfaceRef<StoredEvent>("AgentExecutionEvent").implement({
  description:
    "Something that happened in an agent execution. At most 16 KiB; longer texts lie in `eventContent`.",
  fields: (t) => ({
    seq: t.exposeInt("seq", { description: SEQ }),
    at: t.expose("at", { type: "DateTime", description: AT }),
  }),
  resolveType: (event) => event.type,
});

/** An event type is the GraphQL type of the same name over the stored data. */
function eventType<T>(name: string, description: string, fields: (t: FieldsOf<T>) => object) {
  return builder.objectRef<EventOf<T>>(name).implement({
    description,
    interfaces: [AgentExecutionEvent as never],
    fields: fields as never,
  });
}

interface Cut {
  readonly truncated: boolean;
  readonly contentId: string | null;
}

function cutFields<T extends Cut>(t: FieldsOf<T>) {
  return {
    truncated: t.boolean({
      description: "Only the beginning is here, as a string; the whole is the content `contentId`.",
      resolve: ({ data }) => data.truncated,
    }),
    contentId: t.id({
      nullable: true,
      description: "For `eventContent`; null unless truncated.",
      resolve: ({ data }) => (data.contentId === null ? null : encodeId("EventContent", data.contentId)),
    }),
  };
}

interface StatusData {
  readonly status: "pending" | "running" | "waiting_approval" | "completed" | "failed" | "cancelled";
  readonly errorMessage: string | null;
  readonly attempt: number;
}

eventType<StatusData>(
  "AgentStatusChanged",
  "The execution reached a state, or a worker took it up again.",
  (t) => ({
    status: t.field({
      type: AgentExecutionStatus,
      description: "The state reached; a final one ends the stream.",
      resolve: ({ data }) => data.status,
    }),
    errorMessage: t.string({
      nullable: true,
      description: "Why it failed; null otherwise.",
      resolve: ({ data }) => data.errorMessage,
    }),
    attempt: t.int({
      description: "Which claim this is; it grows with a takeover.",
      resolve: ({ data }) => data.attempt,
    }),
  }),
);

interface TextData {
  readonly messageId: string;
  readonly text: string;
}

eventType<TextData>("AgentTextDelta", "A piece of a message while it is being written.", (t) => ({
  messageId: t.string({
    description: "Which message it continues; the `AgentMessage` of the same id replaces all its pieces.",
    resolve: ({ data }) => data.messageId,
  }),
  text: t.string({ description: "What to append.", resolve: ({ data }) => data.text }),
}));

interface MessageData extends Cut {
  readonly messageId: string;
  readonly role: string;
  readonly text: string;
  readonly parentCallId: string | null;
  readonly fromSeq: number | null;
}

eventType<MessageData>("AgentMessage", "A whole message; it stands for the pieces of the same id.", (t) => ({
  messageId: t.string({ description: "Its id in the execution.", resolve: ({ data }) => data.messageId }),
  role: t.string({
    description: "Who speaks: assistant, user, system or tool.",
    resolve: ({ data }) => data.role,
  }),
  text: t.string({
    description: "The text, or its beginning when truncated.",
    resolve: ({ data }) => data.text,
  }),
  parentCallId: t.string({
    nullable: true,
    description: "The tool call (of a sub-agent) that it belongs to; null at the top.",
    resolve: ({ data }) => data.parentCallId,
  }),
  fromSeq: t.int({
    nullable: true,
    description:
      "Seq of its first piece: pieces from there on may be missing after pruning; null without pieces.",
    resolve: ({ data }) => data.fromSeq,
  }),
  ...cutFields(t),
}));

interface CallData extends Cut {
  readonly callId: string;
  readonly parentCallId: string | null;
  readonly tool: string;
  readonly arguments: JsonValue;
}

eventType<CallData>("AgentToolCallStarted", "The agent called a tool.", (t) => ({
  callId: t.string({ description: "The call's id in the execution.", resolve: ({ data }) => data.callId }),
  parentCallId: t.string({
    nullable: true,
    description: "The call that it was made within; null at the top.",
    resolve: ({ data }) => data.parentCallId,
  }),
  tool: t.string({ description: "Which tool, e.g. filesystem/read.", resolve: ({ data }) => data.tool }),
  arguments: t.field({
    type: "JSON",
    nullable: true,
    description: "Its arguments, or the beginning of their text when truncated; null when there are none.",
    resolve: ({ data }) => data.arguments,
  }),
  ...cutFields(t),
}));

interface ResultData extends Cut {
  readonly callId: string;
  readonly ok: boolean;
  readonly result: JsonValue;
  readonly durationMs: number | null;
}

eventType<ResultData>("AgentToolCallFinished", "A tool answered.", (t) => ({
  callId: t.string({ description: "The call that this answers.", resolve: ({ data }) => data.callId }),
  ok: t.boolean({ description: "The tool did what it was asked.", resolve: ({ data }) => data.ok }),
  result: t.field({
    type: "JSON",
    nullable: true,
    description: "Its result or error, or the beginning of the text when truncated; null when there is none.",
    resolve: ({ data }) => data.result,
  }),
  durationMs: t.int({
    nullable: true,
    description: "How long it took; null when not told.",
    resolve: ({ data }) => data.durationMs,
  }),
  ...cutFields(t),
}));

interface UsageData {
  readonly model: string | null;
  readonly inputTokens: string;
  readonly cacheReadTokens: string;
  readonly cacheWrite5mTokens: string;
  readonly cacheWrite1hTokens: string;
  readonly outputTokens: string;
  readonly reasoningTokens: string;
  readonly costNanos: string | null;
}

/** Counts lie in the log as decimal strings, which JSON keeps whole. */
function count(t: FieldsOf<UsageData>, name: keyof UsageData, description: string) {
  return t.field({ type: "BigInt", description, resolve: ({ data }) => BigInt(data[name] ?? 0) });
}

eventType<UsageData>("AgentUsage", "A model request and its tokens.", (t) => ({
  model: t.string({
    nullable: true,
    description: "The model; null when not told.",
    resolve: ({ data }) => data.model,
  }),
  inputTokens: count(t, "inputTokens", "All input tokens, the cached ones included."),
  cacheReadTokens: count(t, "cacheReadTokens", "Of these, read from the prompt cache."),
  cacheWrite5mTokens: count(t, "cacheWrite5mTokens", "Of these, written to a cache of five minutes."),
  cacheWrite1hTokens: count(t, "cacheWrite1hTokens", "Of these, written to a cache of one hour."),
  outputTokens: count(t, "outputTokens", "All output tokens, reasoning included."),
  reasoningTokens: count(t, "reasoningTokens", "Of these, hidden reasoning."),
  cost: t.field({
    type: "USD",
    nullable: true,
    description: "Its price; null for a model without a known one.",
    resolve: ({ data }) => (data.costNanos === null ? null : BigInt(data.costNanos)),
  }),
}));

export const AgentExecutionEventBatch = batchType("AgentExecutionEvent", AgentExecutionEvent);
