import type { Json } from "@shiplog/core";
import {
  AgentExecutionEndedError,
  appendAgentExecutionEvents,
  BatchOutOfOrderError,
  type EndStatus,
  type AgentEventInput as Event,
  finishAgentExecution,
  InvalidStatusError,
} from "@shiplog/core/agent";
import { AgentExecutionStatus } from "../shared/enums.ts";
import { uuidOf } from "../shared/ids.ts";
import { mutation } from "../shared/mutation.ts";
import { AgentEventInput } from "./input.ts";
import { executionField } from "./mutations.ts";

mutation("appendAgentExecutionEvents", {
  description:
    "Streams events of an external run in, at most 500 and 256 KiB a call; none = a sign of life. Answered once they are durable. For developers, keys with agent:write, and stream tokens of the run that append.",
  stream: "agent.append",
  errors: [BatchOutOfOrderError, AgentExecutionEndedError, InvalidStatusError],
  input: (t) => ({
    id: t.id({ required: true, description: "The execution." }),
    batch: t.int({
      description:
        "1, 2, 3 … per execution: a repeat writes nothing and answers the first cursor; null = unnumbered.",
    }),
    events: t.field({ type: [AgentEventInput], required: true, description: "In order; may be empty." }),
  }),
  resolve: (ctx, actor, { id, batch, events }) =>
    appendAgentExecutionEvents(ctx, actor, {
      id: uuidOf("AgentExecution", id),
      batch,
      events: events as Event[],
    }),
  payload: (t) => ({
    cursor: t.exposeString("cursor", {
      description: "Position in the execution's stream behind these events.",
    }),
    status: t.expose("status", { type: AgentExecutionStatus, description: "Where the execution stands." }),
  }),
});

mutation("finishAgentExecution", {
  description:
    "Ends an external run. For developers, keys with agent:write, and stream tokens of the run that append.",
  stream: "agent.append",
  errors: [AgentExecutionEndedError, InvalidStatusError],
  input: (t) => ({
    id: t.id({ required: true, description: "The execution." }),
    status: t.field({
      type: AgentExecutionStatus,
      required: true,
      description: "COMPLETED, FAILED or CANCELLED.",
    }),
    outputData: t.field({ type: "JSON", description: "Its result, at most 1 MiB." }),
    errorMessage: t.string({ description: "Why it failed, at most 10,000 characters." }),
  }),
  resolve: async (ctx, actor, { id, status, outputData, errorMessage }) => {
    const execution = await finishAgentExecution(ctx, actor, {
      id: uuidOf("AgentExecution", id),
      // Core refuses every other word with InvalidInputError.
      status: status as EndStatus,
      outputData: outputData as Json | undefined,
      errorMessage,
    });
    return { id: execution.id };
  },
  payload: (t) => ({ execution: executionField(t, "The run, ended.") }),
});
