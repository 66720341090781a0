import { builder } from "../builder.ts";

const MESSAGE_ID = "The message's id in the execution, chosen by the agent.";
const CALL_ID = "The call's id in the execution, chosen by the agent.";
const PARENT = "The tool call (of a sub-agent) that it belongs to; null at the top.";

const TextDelta = builder.inputType("AgentTextDeltaInput", {
  description: "A piece of a message while it is being written; pieces of 50 ms are merged.",
  fields: (t) => ({
    messageId: t.string({ required: true, description: MESSAGE_ID }),
    text: t.string({ required: true, description: "What to append." }),
  }),
});

const Message = builder.inputType("AgentMessageInput", {
  description: "A whole message; it stands for the pieces of the same id.",
  fields: (t) => ({
    messageId: t.string({ required: true, description: MESSAGE_ID }),
    role: t.string({ required: true, description: "assistant, user, system or tool." }),
    text: t.string({ required: true, description: "The whole text; long ones are stored apart." }),
    parentCallId: t.string({ description: PARENT }),
  }),
});

const ToolCallStarted = builder.inputType("AgentToolCallStartedInput", {
  description: "The agent calls a tool.",
  fields: (t) => ({
    callId: t.string({ required: true, description: CALL_ID }),
    parentCallId: t.string({ description: "The call that it is made within; null at the top." }),
    tool: t.string({ required: true, description: "Which tool, e.g. Bash." }),
    arguments: t.field({ type: "JSON", description: "Its arguments; large ones are stored apart." }),
  }),
});

const ToolCallFinished = builder.inputType("AgentToolCallFinishedInput", {
  description: "A tool answered.",
  fields: (t) => ({
    callId: t.string({ required: true, description: CALL_ID }),
    ok: t.boolean({ required: true, description: "It did what it was asked." }),
    result: t.field({ type: "JSON", description: "Its result or error; large ones are stored apart." }),
    durationMs: t.int({ description: "How long it took." }),
  }),
});

const Usage = builder.inputType("AgentUsageInput", {
  description: "The tokens of one model request; priced by the model.",
  fields: (t) => ({
    model: t.string({ description: "The model as its provider names it; without it there is no price." }),
    inputTokens: t.field({ type: "BigInt", description: "All input tokens, the cached ones included." }),
    cacheReadTokens: t.field({ type: "BigInt", description: "Of these, read from the prompt cache." }),
    cacheWrite5mTokens: t.field({
      type: "BigInt",
      description: "Of these, written to a cache of five minutes.",
    }),
    cacheWrite1hTokens: t.field({ type: "BigInt", description: "Of these, written to a cache of one hour." }),
    outputTokens: t.field({ type: "BigInt", description: "All output tokens, reasoning included." }),
    reasoningTokens: t.field({ type: "BigInt", description: "Of these, hidden reasoning." }),
  }),
});

export const AgentEventInput = builder.inputType("AgentEventInput", {
  description: "One event of an external run: exactly one of the fields.",
  isOneOf: true,
  fields: (t) => ({
    textDelta: t.field({ type: TextDelta, description: "A piece of a message." }),
    message: t.field({ type: Message, description: "A whole message." }),
    toolCallStarted: t.field({ type: ToolCallStarted, description: "A tool call begins." }),
    toolCallFinished: t.field({ type: ToolCallFinished, description: "A tool call ends." }),
    usage: t.field({ type: Usage, description: "Tokens of a model request." }),
  }),
});
