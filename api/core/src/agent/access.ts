import type { AgentExecution } from "@shiplog/db";
import { decide, type Permission } from "../account/policy.ts";
import type { Actor } from "../actor.ts";
import type { Context } from "../context.ts";
import { ForbiddenError, NotFoundError } from "../errors.ts";

/** The execution, when the actor has the permission in its project; NotFoundError or ForbiddenError otherwise. */
export async function loadExecution(
  ctx: Context,
  actor: Actor,
  id: string,
  permission: Permission,
): Promise<AgentExecution> {
  const execution = await ctx.db.agentExecution.findUnique({ where: { id } });
  if (!execution) throw new NotFoundError("agent execution");
  const decision = await decide(ctx, actor, execution.projectId, permission);
  if (decision === "unknown") throw new NotFoundError("agent execution");
  if (decision === "forbidden") throw new ForbiddenError(`This needs the permission ${permission}.`);
  return execution;
}

/** The execution as it is after an operation. */
export function readExecution(ctx: Context, id: string): Promise<AgentExecution> {
  return ctx.db.agentExecution.findUniqueOrThrow({ where: { id } });
}
