import { permittedProjects } from "@shiplog/core/account";
import { type AgentExecutionStatus, isEnded } from "@shiplog/core/agent";
import type { GraphQLContext } from "../context.ts";

interface Subject {
  readonly projectId: string;
  readonly status: AgentExecutionStatus;
  readonly contentRemovedAt: Date | null;
}

/** The columns that the state needs. */
export const SUBJECT = { projectId: true, status: true, contentRemovedAt: true } as const;

/** For `viewerCan…` fields: the project, if the state allows it at all; else null, which needs no look-up. */
export const cancellable = (row: Subject) => (isEnded(row.status) ? "" : row.projectId);
export const retryable = (row: Subject) =>
  isEnded(row.status) && !row.contentRemovedAt ? row.projectId : "";

/** Whether the viewer has agent.write in each project. One statement for all executions of a list. */
export const mayWrite = {
  loaderOptions: { cache: false },
  async load(projectIds: string[], ctx: GraphQLContext): Promise<boolean[]> {
    const ids = [...new Set(projectIds)].filter((id) => id !== "");
    if (ids.length === 0 || !ctx.actor) return projectIds.map(() => false);
    const where = { AND: [{ id: { in: ids } }, permittedProjects(ctx.actor, "agent.write")] };
    const projects = await ctx.core.db.project.findMany({ where, select: { id: true } });
    const permitted = new Set(projects.map((project) => project.id));
    return projectIds.map((id) => permitted.has(id));
  },
};
