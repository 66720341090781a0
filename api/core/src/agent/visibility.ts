import type { Prisma } from "@shiplog/db";
import { permittedProjectIds, permittedProjects } from "../account/index.ts";
import type { Actor } from "../actor.ts";
import type { Context } from "../context.ts";

/** Executions of the projects that the actor may read them in; for a stream token of a run that run. */
export function executionVisibility(actor: Actor): Prisma.AgentExecutionWhereInput {
  if (actor.type === "token" && actor.target.kind === "agent_execution") {
    return { id: actor.target.id, ...executionVisibility(actor.issuer) };
  }
  return { project: permittedProjects(actor, "agent.read") };
}

/** Stored contents of execution events; their table has no relation to the project. One statement. */
export async function eventContentVisibility(
  ctx: Context,
  actor: Actor,
): Promise<Prisma.EventContentWhereInput> {
  return { projectId: { in: await permittedProjectIds(ctx, actor, "agent.read") } };
}
