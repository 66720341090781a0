import type { StreamKind, StreamTarget } from "../actor.ts";
import type { Context } from "../context.ts";
import { NotFoundError } from "../errors.ts";
import type { IdType } from "../ids.ts";

/** The type of the public id that names a stream. */
export const STREAM_ID: Readonly<Record<StreamKind, IdType>> = {
  agent_execution: "AgentExecution",
  pipeline_execution: "PipelineExecution",
  project: "Project",
};

/** What people call the thing that a stream is of. */
export const STREAM_NAME: Readonly<Record<StreamKind, string>> = {
  agent_execution: "agent execution",
  pipeline_execution: "pipeline execution",
  project: "project",
};

/** The project that the stream belongs to; throws NotFoundError. A project's own may not exist. */
export async function streamProject(ctx: Context, { kind, id }: StreamTarget): Promise<string> {
  const where = { where: { id }, select: { projectId: true } };
  switch (kind) {
    case "project":
      return id;
    case "agent_execution": {
      const row = await ctx.db.agentExecution.findUnique(where);
      if (row) return row.projectId;
      break;
    }
    case "pipeline_execution": {
      const row = await ctx.db.pipelineExecution.findUnique(where);
      if (row) return row.projectId;
      break;
    }
  }
  throw new NotFoundError(STREAM_NAME[kind]);
}
