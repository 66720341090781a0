import { projectSummaries, type ProjectSummary as Summary } from "@shiplog/core/metrics";
import { builder } from "../builder.ts";
import type { GraphQLContext } from "../context.ts";
import { Deployment } from "../pipeline/deployment.ts";
import { planned, visibleOne } from "../shared/visible.ts";

export const ProjectSummary = builder.objectRef<Summary>("ProjectSummary").implement({
  description: "A project in numbers; days are days of UTC, today included.",
  fields: (t) => ({
    running: t.exposeInt("running", { description: "Agent executions and pipelines that have not ended." }),
    pipelines7d: t.exposeInt("pipelines7d", { description: "Pipelines of the last 7 days." }),
    passRate7d: t.exposeFloat("passRate7d", {
      nullable: true,
      description:
        "Passed among passed and failed pipelines of the last 7 days, 0 to 1; null when there was none.",
    }),
    costToday: t.expose("costToday", {
      type: "USD",
      nullable: true,
      description: "What AI cost today; null when nothing was priced.",
    }),
    cost7d: t.expose("cost7d", {
      type: "USD",
      nullable: true,
      description: "What AI cost in the last 7 days; null when nothing was priced.",
    }),
    lastDeployment: t.loadable({
      type: Deployment,
      nullable: true,
      description: "The newest deployment, of any status; null when there was none.",
      ...visibleOne("Deployment"),
      resolve: planned((summary) => summary.lastDeploymentId),
    }),
  }),
});

/** For the field of projects: one statement for all of a list. */
export const summaries = {
  loaderOptions: { cache: false },
  async load(projectIds: string[], ctx: GraphQLContext): Promise<(Summary | Error)[]> {
    const found = await projectSummaries(ctx.core, projectIds);
    return projectIds.map((id) => found.get(id) ?? new Error(`no summary of project ${id}`));
  },
};
