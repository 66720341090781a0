import { InvalidInputError, type StreamTarget } from "@shiplog/core";
import { createStreamToken } from "@shiplog/core/live";
import { builder } from "../builder.ts";
import { uuidOf } from "../shared/ids.ts";
import { mutation } from "../shared/mutation.ts";

const StreamPermission = builder.enumType("StreamPermission", {
  description: "What a stream token may do with its one stream.",
  values: {
    READ: { value: "read", description: "Subscribe to it." },
    APPEND: { value: "append", description: "Append events to an external run, and finish it." },
  } as const,
});

interface Ids {
  readonly executionId?: string | null;
  readonly pipelineId?: string | null;
  readonly projectId?: string | null;
}

function targetOf({ executionId, pipelineId, projectId }: Ids): StreamTarget {
  const targets: StreamTarget[] = [];
  if (executionId != null)
    targets.push({ kind: "agent_execution", id: uuidOf("AgentExecution", executionId) });
  if (pipelineId != null)
    targets.push({ kind: "pipeline_execution", id: uuidOf("PipelineExecution", pipelineId) });
  if (projectId != null) targets.push({ kind: "project", id: uuidOf("Project", projectId) });
  const [target] = targets;
  if (target && targets.length === 1) return target;
  const message = "Name exactly one of executionId, pipelineId and projectId.";
  throw new InvalidInputError(message, [{ path: ["input"], message }]);
}

mutation("createStreamToken", {
  description:
    "Makes a short-lived token for one stream, for a browser or a CI job that must not hold more: it subscribes to that stream, or appends to one external run, and does nothing else. It goes where an access token goes (`Authorization: Bearer`, `connectionParams.authorization`). It ends with the session or key that made it, and has no power that its maker loses. A token makes no token.",
  key: "project.read",
  input: (t) => ({
    executionId: t.id({ description: "The agent execution; exactly one of the three." }),
    pipelineId: t.id({ description: "The pipeline; exactly one of the three." }),
    projectId: t.id({ description: "The project; exactly one of the three." }),
    permissions: t.field({
      type: [StreamPermission],
      required: true,
      description:
        "READ needs agent.read, pipeline.read or project.read of the caller; APPEND agent.append, and a running external execution.",
    }),
    expiresIn: t.int({
      description:
        "Seconds until it ends, 900 when not said; at most 3600, and 86400 (a day, for a CI job) when APPEND is all it may.",
    }),
  }),
  resolve: async (ctx, actor, { permissions, expiresIn, ...ids }) =>
    createStreamToken(ctx, actor, { target: targetOf(ids), permissions, expiresIn }),
  payload: (t) => ({
    token: t.exposeString("token", { description: "The token; not stored." }),
    expiresAt: t.expose("expiresAt", { type: "DateTime", description: "When it stops working by itself." }),
  }),
});
