import type { PipelineExecution, PipelineJob, PipelineStep } from "@shiplog/db";
import { type FoldKeys, fold } from "../fold.ts";
import type { JobEvent, JobFields, Step } from "../normalized.ts";
import { refKey } from "./pipelines.ts";
import { byIdentity, type Change, pick, type Scope } from "./scope.ts";

const NEW: Omit<JobFields, "steps"> = {
  name: "job",
  status: "queued",
  rawStatus: null,
  rawConclusion: null,
  runnerName: null,
  labels: [],
  url: null,
  queuedAt: null,
  startedAt: null,
  completedAt: null,
};
const FIELDS = Object.keys(NEW) as (keyof Omit<JobFields, "steps">)[];
const STEP_FIELDS = ["number", "name", "status", "rawConclusion", "startedAt", "completedAt"] as const;

/** A job with its steps in order. */
export type JobRow = Omit<PipelineJob, "fold"> & { readonly steps: readonly Step[] };

export interface JobChange extends Change<JobRow> {
  readonly pipelineId: string;
}

/** Folds jobs and their steps into the pipelines that the same delivery folded. */
export async function foldJobs(
  scope: Scope,
  events: readonly JobEvent[],
  pipelines: ReadonlyMap<string, Change<PipelineExecution>>,
): Promise<JobChange[]> {
  const changes: JobChange[] = [];
  const groups = byIdentity(events, (event) => `${refKey(event.pipeline)}/${event.externalId}`);
  for (const patches of groups.values()) {
    const job = patches[0];
    const pipeline = job && pipelines.get(refKey(job.pipeline));
    if (!job || !pipeline) throw new Error("a job whose pipeline the delivery does not carry");
    changes.push(await foldOne(scope, pipeline.after.id, job.externalId, patches));
  }
  return changes;
}

async function foldOne(
  scope: Scope,
  pipelineId: string,
  externalId: string,
  patches: readonly JobEvent[],
): Promise<JobChange> {
  const { tx } = scope;
  const row = await tx.db.pipelineJob.findUnique({
    where: { pipelineId_externalId: { pipelineId, externalId } },
    include: { steps: { orderBy: { number: "asc" } } },
  });
  const before = row ? withSteps(row, row.steps) : null;
  const values: JobFields = before ? { ...pick(before, FIELDS), steps: before.steps } : { ...NEW, steps: [] };
  const folded = fold<JobFields>(values, (row?.fold ?? {}) as FoldKeys, patches, scope.bodyHash);
  const { steps, labels, ...columns } = folded.values;
  const data = { ...columns, labels: [...labels], fold: folded.keys };
  const id = row?.id ?? tx.newId();
  if (!row) await tx.db.pipelineJob.create({ data: { id, pipelineId, externalId, ...data } });
  else if (folded.moved) await tx.db.pipelineJob.update({ where: { id }, data });
  if (folded.changed.includes("steps")) await replaceSteps(scope, id, steps);
  const after: JobRow = { id, pipelineId, externalId, ...columns, labels: [...labels], steps };
  return { before, after, changed: folded.changed, pipelineId };
}

function withSteps({ fold: _keys, ...job }: PipelineJob, steps: readonly PipelineStep[]): JobRow {
  return { ...job, steps: steps.map((step) => pick(step, STEP_FIELDS)) };
}

async function replaceSteps(scope: Scope, jobId: string, steps: readonly Step[]): Promise<void> {
  await scope.tx.db.pipelineStep.deleteMany({ where: { jobId } });
  await scope.tx.db.pipelineStep.createMany({ data: steps.map((step) => ({ jobId, ...step })) });
}
