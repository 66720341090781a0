import type { Context } from "@shiplog/core";

export interface PipelineIds {
  readonly repositoryId: string;
  readonly commitId: string;
  readonly pullRequestId: string;
  /** The newest pipeline; it failed, and is the second attempt. */
  readonly pipelineId: string;
  readonly jobId: string;
  readonly environmentId: string;
  readonly deploymentId: string;
}

const SHA = "a".repeat(40);

/** `size` pipelines of one commit with jobs, steps and a deployment each. */
export async function fillPipelines(ctx: Context, projectId: string, size: number): Promise<PipelineIds> {
  const { db } = ctx;
  const now = ctx.clock.now();
  const ids = {
    repositoryId: ctx.newId(),
    commitId: ctx.newId(),
    pullRequestId: ctx.newId(),
    environmentId: ctx.newId(),
  };
  await db.repository.create({
    data: {
      id: ids.repositoryId,
      projectId,
      provider: "github",
      externalId: "1",
      fullName: "octo/app",
      createdAt: now,
    },
  });
  await db.commit.create({
    data: {
      id: ids.commitId,
      repositoryId: ids.repositoryId,
      sha: SHA,
      message: "Mend the fence\n\nIt was open.",
      authorName: "Ada",
      createdAt: now,
    },
  });
  await db.pullRequest.create({
    data: {
      id: ids.pullRequestId,
      repositoryId: ids.repositoryId,
      number: 7,
      title: "Fence",
      headSha: SHA,
      createdAt: now,
      commits: { create: { commitId: ids.commitId, method: "head" } },
    },
  });
  await db.environment.create({
    data: { id: ids.environmentId, projectId, name: "production", isProduction: true, createdAt: now },
  });
  const runs = [];
  for (let i = 0; i < size; i++) runs.push(await fillRun(ctx, projectId, ids, i));
  return { ...ids, pipelineId: "", jobId: "", deploymentId: "", ...runs[0] };
}

interface Parents {
  readonly repositoryId: string;
  readonly environmentId: string;
}

async function fillRun(ctx: Context, projectId: string, parents: Parents, index: number) {
  const at = new Date(ctx.clock.now().getTime() - 60_000 * (index + 1));
  const end = new Date(at.getTime() + 30_000);
  const failed = index === 0;
  const ids = { pipelineId: ctx.newId(), jobId: ctx.newId(), deploymentId: ctx.newId() };
  const ofRun = { projectId, repositoryId: parents.repositoryId, provider: "github", createdAt: at };
  const status = failed ? ("failed" as const) : ("success" as const);
  await ctx.db.pipelineExecution.create({
    data: {
      ...ofRun,
      id: ids.pipelineId,
      // The newest two are attempts of one run.
      externalId: index < 2 ? "100" : String(100 + index),
      attempt: index === 0 ? 2 : 1,
      pipelineName: "CI",
      status,
      commitSha: SHA,
      branch: index % 2 === 0 ? "main" : "topic",
      startedAt: at,
      completedAt: end,
      jobs: {
        create: {
          id: ids.jobId,
          externalId: "1",
          name: "test",
          status,
          labels: ["ubuntu"],
          startedAt: at,
          completedAt: end,
          steps: {
            create: [
              { number: 1, name: "Set up", status: "success", startedAt: at, completedAt: end },
              { number: 2, name: "Run tests", status, startedAt: at, completedAt: end },
            ],
          },
        },
      },
    },
  });
  await ctx.db.deployment.create({
    data: {
      ...ofRun,
      id: ids.deploymentId,
      environmentId: parents.environmentId,
      pipelineId: ids.pipelineId,
      externalId: String(index),
      status,
      commitSha: SHA,
    },
  });
  return ids;
}
