import type { Json } from "@shiplog/core";
import {
  cancelAgentExecution,
  InvalidStatusError,
  retryAgentExecution,
  startAgentExecution,
} from "@shiplog/core/agent";
import { uuidOf } from "../shared/ids.ts";
import { mutation, type Payload } from "../shared/mutation.ts";
import { visibleExactly } from "../shared/visible.ts";
import { AgentExecution } from "./type.ts";

export function executionField(t: Payload<{ id: string }>, description: string) {
  return t.loadable({
    type: AgentExecution,
    description,
    ...visibleExactly("AgentExecution"),
    resolve: (payload) => payload.id,
  });
}

mutation("startAgentExecution", {
  description:
    "Starts a run: an internal agent as a job, an external one running at once. For developers, and keys with agent:write. A repeated idempotencyKey answers the first.",
  key: "agent.write",
  input: (t) => ({
    projectId: t.id({ required: true, description: "The project." }),
    agentType: t.string({
      required: true,
      description: "One of `agentTypes`; for an external run any name.",
    }),
    taskDescription: t.string({ description: "What it is asked to do, at most 10,000 characters." }),
    inputData: t.field({
      type: "JSON",
      description: "An object of at most 64 KiB; `path` names the folder that an internal agent reads.",
    }),
    external: t.boolean({ description: "It runs outside and streams in; false when not said." }),
    idempotencyKey: t.string({ description: "Unique per project; makes a repeat harmless." }),
  }),
  resolve: async (ctx, actor, { projectId, inputData, ...input }) => {
    const execution = await startAgentExecution(ctx, actor, {
      ...input,
      projectId: uuidOf("Project", projectId),
      inputData: inputData as Json | undefined,
    });
    return { id: execution.id };
  },
  payload: (t) => ({ execution: executionField(t, "The run, or the first of that idempotencyKey.") }),
});

mutation("cancelAgentExecution", {
  description:
    "Cancels a run: one that a worker holds ends within two seconds, every other at once. For developers, and keys with agent:write.",
  key: "agent.write",
  errors: [InvalidStatusError],
  never: ["InvalidInputError"],
  input: (t) => ({ id: t.id({ required: true, description: "The execution." }) }),
  resolve: async (ctx, actor, { id }) => ({
    id: (await cancelAgentExecution(ctx, actor, { id: uuidOf("AgentExecution", id) })).id,
  }),
  payload: (t) => ({ execution: executionField(t, "The run, cancelled or asked to stop.") }),
});

mutation("retryAgentExecution", {
  description:
    "Starts a new run like one that has ended and whose task is still kept; the old one stays. For developers, and keys with agent:write.",
  key: "agent.write",
  errors: [InvalidStatusError],
  input: (t) => ({
    id: t.id({ required: true, description: "The execution that has ended." }),
    inputData: t.field({ type: "JSON", description: "Another input; null = that of the old one." }),
  }),
  resolve: async (ctx, actor, { id, inputData }) => {
    const input = { id: uuidOf("AgentExecution", id), inputData: inputData as Json | undefined };
    return { id: (await retryAgentExecution(ctx, actor, input)).id };
  },
  payload: (t) => ({ execution: executionField(t, "The new run.") }),
});
