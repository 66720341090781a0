import type { Prisma } from "@shiplog/db";
import { permittedProjectIds, permittedProjects } from "../account/index.ts";
import type { Actor } from "../actor.ts";
import type { Context } from "../context.ts";

/** Executions of the projects that the actor may read them in. */
export function executionVisibility(actor: Actor): Prisma.AgentExecutionWhereInput {
  return { project: permittedProjects(actor, "agent.read") };
}

/** Stored contents of execution events; their table has no relation to the project. One statement. */
export async function eventContentVisibility(
  ctx: Context,
  actor: Actor,
): Promise<Prisma.EventContentWhereInput> {
  return { projectId: { in: await permittedProjectIds(ctx, actor, "agent.read") } };
}
