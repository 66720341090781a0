import type { AgentExecution } from "@shiplog/db";
import type { Attempt } from "../account/index.ts";
import { decide, type Permission } from "../account/policy.ts";
import type { Actor } from "../actor.ts";
import type { Context } from "../context.ts";
import { ForbiddenError, NotFoundError } from "../errors.ts";

/**
 * The execution, when the actor has the permission in its project; NotFoundError or ForbiddenError otherwise. The
 * attempt learns of its project, so that the members hear of a stranger's. A
 * stream token of this execution is let in for `agent.append` if it was made for that.
 */
export async function loadExecution(
  ctx: Context,
  actor: Actor,
  id: string,
  permission: Permission,
  attempt?: Pick<Attempt, "about">,
): Promise<AgentExecution> {
  const execution = await ctx.db.agentExecution.findUnique({ where: { id } });
  if (!execution) throw new NotFoundError("agent execution");
  attempt?.about({ projectId: execution.projectId });
  const decision = await decide(ctx, actor, execution.projectId, permission, {
    kind: "agent_execution",
    id,
  });
  if (decision === "unknown") throw new NotFoundError("agent execution");
  if (decision === "forbidden") throw new ForbiddenError(`This needs the permission ${permission}.`);
  return execution;
}

/** The execution as it is after an operation. */
export function readExecution(ctx: Context, id: string): Promise<AgentExecution> {
  return ctx.db.agentExecution.findUniqueOrThrow({ where: { id } });
}
