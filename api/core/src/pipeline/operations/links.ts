import type { PipelineExecution } from "@shiplog/db";
import type { DeploymentChange, DeploymentRow } from "./deployments.ts";
import type { Change, Scope } from "./scope.ts";

/** A stated run is certain; a commit that also ran a pipeline is a fair guess. */
const CONFIDENCE = { run: 1, sha: 0.5 } as const;

interface Link {
  readonly pipelineId: string | null;
  readonly pipelineMethod: keyof typeof CONFIDENCE | null;
  readonly pipelineConfidence: number | null;
}

const NO_LINK: Link = { pipelineId: null, pipelineMethod: null, pipelineConfidence: null };

export interface Relinked {
  readonly deployment: DeploymentRow;
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * Resolves the pipelines of all deployments that this delivery may have moved: its own, and those that name, or share
 * the commit of, a pipeline it made or changed. The answer depends on the rows alone, so it is the same whichever side
 * came second. Nothing is read when neither side changed.
 */
export async function resolveLinks(
  scope: Scope,
  pipelines: readonly Change<PipelineExecution>[],
  deployments: readonly DeploymentChange[],
): Promise<Relinked[]> {
  const relinked: Relinked[] = [];
  for (const deployment of await affected(scope, pipelines, deployments)) {
    const link = await linkOf(scope, deployment);
    if (link.pipelineId === deployment.pipelineId && link.pipelineMethod === deployment.pipelineMethod)
      continue;
    const after = await scope.tx.db.deployment.update({
      where: { id: deployment.id },
      data: link,
      include: { environment: { select: { name: true } } },
    });
    relinked.push({ deployment: after, from: deployment.pipelineId, to: link.pipelineId });
  }
  await refreshUrls(scope, deployments, relinked);
  return relinked;
}

const MOVES_A_DEPLOYMENT = ["commitSha", "createdAt", "pipelineExternalId", "pipelineAttempt"];

async function affected(
  scope: Scope,
  pipelines: readonly Change<PipelineExecution>[],
  deployments: readonly DeploymentChange[],
): Promise<DeploymentRow[]> {
  const own = deployments
    .filter(({ before, changed }) => !before || changed.some((field) => MOVES_A_DEPLOYMENT.includes(field)))
    .map(({ after }) => after);
  const moved = pipelines.filter(
    ({ before, changed }) => !before || changed.includes("commitSha") || changed.includes("createdAt"),
  );
  if (moved.length === 0) return own;
  const shas = moved.flatMap(({ before, after }) => [before?.commitSha, after.commitSha]);
  const others = await scope.tx.db.deployment.findMany({
    where: {
      repositoryId: scope.repository.id,
      id: { notIn: own.map(({ id }) => id) },
      OR: [
        { pipelineExternalId: { in: moved.map(({ after }) => after.externalId) } },
        { pipelineExternalId: null, commitSha: { in: shas.filter((sha) => typeof sha === "string") } },
      ],
    },
    include: { environment: { select: { name: true } } },
    orderBy: { id: "asc" },
  });
  return [...own, ...others];
}

async function linkOf(scope: Scope, deployment: DeploymentRow): Promise<Link> {
  if (deployment.pipelineExternalId === null) return guess(scope, deployment);
  const pipeline = await scope.tx.db.pipelineExecution.findUnique({
    where: {
      repositoryId_provider_externalId_attempt: {
        repositoryId: scope.repository.id,
        provider: scope.provider,
        externalId: deployment.pipelineExternalId,
        attempt: deployment.pipelineAttempt ?? 1,
      },
    },
    select: { id: true },
  });
  return pipeline
    ? { pipelineId: pipeline.id, pipelineMethod: "run", pipelineConfidence: CONFIDENCE.run }
    : NO_LINK;
}

/** The last pipeline of the commit that was asked for before the deployment, else the first one after it. */
async function guess(scope: Scope, deployment: DeploymentRow): Promise<Link> {
  if (deployment.commitSha === null) return NO_LINK;
  const candidates = await scope.tx.db.pipelineExecution.findMany({
    where: { repositoryId: scope.repository.id, commitSha: deployment.commitSha },
    select: { id: true, createdAt: true },
    orderBy: [{ createdAt: "asc" }, { externalId: "asc" }, { attempt: "asc" }],
  });
  const earlier = candidates.filter(({ createdAt }) => createdAt <= deployment.createdAt);
  const chosen = earlier.at(-1) ?? candidates[0];
  return chosen
    ? { pipelineId: chosen.id, pipelineMethod: "sha", pipelineConfidence: CONFIDENCE.sha }
    : NO_LINK;
}

/** A pipeline shows the address of its newest deployment that has one. */
async function refreshUrls(
  scope: Scope,
  deployments: readonly DeploymentChange[],
  relinked: readonly Relinked[],
): Promise<void> {
  const withNewUrl = deployments.filter(
    ({ changed }) => changed.includes("url") || changed.includes("createdAt"),
  );
  const ids = new Set(
    [
      ...withNewUrl.map(({ after }) => after.pipelineId),
      ...relinked.flatMap(({ from, to }) => [from, to]),
    ].filter((id) => id !== null),
  );
  for (const pipelineId of [...ids].toSorted()) {
    const newest = await scope.tx.db.deployment.findFirst({
      where: { pipelineId, url: { not: null } },
      select: { url: true },
      orderBy: [{ createdAt: "desc" }, { externalId: "desc" }],
    });
    await scope.tx.db.pipelineExecution.update({
      where: { id: pipelineId },
      data: { deploymentUrl: newest?.url ?? null },
    });
  }
}
