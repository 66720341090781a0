import type { Prisma } from "@shiplog/db";
import type { Actor } from "../actor.ts";
import { projectVisibility } from "../project/visibility.ts";

/** Pipelines of the projects in which the actor may read them. */
export function pipelineVisibility(actor: Actor): Prisma.PipelineExecutionWhereInput {
  return { project: projectVisibility(actor, "pipeline.read") };
}

/** Jobs of visible pipelines. */
export function jobVisibility(actor: Actor): Prisma.PipelineJobWhereInput {
  return { pipeline: pipelineVisibility(actor) };
}

/** Deployments, under the same rule as pipelines. */
export function deploymentVisibility(actor: Actor): Prisma.DeploymentWhereInput {
  return { project: projectVisibility(actor, "pipeline.read") };
}

/** Environments, under the same rule as pipelines. */
export function environmentVisibility(actor: Actor): Prisma.EnvironmentWhereInput {
  return { project: projectVisibility(actor, "pipeline.read") };
}

/** Commits, under the same rule as pipelines: a key of another scope sees the repository, not what is in it. */
export function commitVisibility(actor: Actor): Prisma.CommitWhereInput {
  return { repository: { project: projectVisibility(actor, "pipeline.read") } };
}

/** Pull requests, under the same rule as pipelines. */
export function pullRequestVisibility(actor: Actor): Prisma.PullRequestWhereInput {
  return { repository: { project: projectVisibility(actor, "pipeline.read") } };
}
