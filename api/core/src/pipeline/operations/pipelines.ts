import type { PipelineExecution } from "@shiplog/db";
import { type FoldKeys, fold } from "../fold.ts";
import type { PipelineEvent, PipelineFields, PipelineRef } from "../normalized.ts";
import { byIdentity, type Change, pick, type Scope } from "./scope.ts";

const NEW: Omit<PipelineFields, "createdAt"> = {
  pipelineName: "workflow",
  title: null,
  runNumber: null,
  status: "queued",
  rawStatus: null,
  rawConclusion: null,
  commitSha: null,
  branch: null,
  event: null,
  triggeredBy: null,
  url: null,
  startedAt: null,
  completedAt: null,
};
const FIELDS = [...Object.keys(NEW), "createdAt"] as (keyof PipelineFields)[];

/** The identity of a pipeline within its repository, as a text. */
export function refKey(ref: PipelineRef): string {
  return `${ref.externalId}/${ref.attempt}`;
}

/** Folds pipelines; answers what became of each, by `refKey`. */
export async function foldPipelines(
  scope: Scope,
  events: readonly PipelineEvent[],
): Promise<Map<string, Change<PipelineExecution>>> {
  const changes = new Map<string, Change<PipelineExecution>>();
  for (const [key, patches] of byIdentity(events, refKey)) {
    const ref = patches[0];
    if (ref) changes.set(key, await foldOne(scope, ref, patches));
  }
  return changes;
}

async function foldOne(
  scope: Scope,
  { externalId, attempt }: PipelineRef,
  patches: readonly PipelineEvent[],
): Promise<Change<PipelineExecution>> {
  const { tx, provider, projectId } = scope;
  const identity = { repositoryId: scope.repository.id, provider, externalId, attempt };
  const before = await tx.db.pipelineExecution.findUnique({
    where: { repositoryId_provider_externalId_attempt: identity },
  });
  const values: PipelineFields = before ? pick(before, FIELDS) : { ...NEW, createdAt: tx.clock.now() };
  const folded = fold(values, (before?.fold ?? {}) as FoldKeys, patches, scope.bodyHash);
  const data = { ...folded.values, fold: folded.keys };
  if (!before) {
    const after = await tx.db.pipelineExecution.create({
      data: { id: tx.newId(), projectId, ...identity, ...data },
    });
    return { before, after, changed: folded.changed };
  }
  const after = folded.moved
    ? await tx.db.pipelineExecution.update({ where: { id: before.id }, data })
    : before;
  return { before, after, changed: folded.changed };
}
