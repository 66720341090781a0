import type { PipelineExecution } from "@shiplog/db";
import { cutText, jsonBytes, type NewEvent } from "../live/index.ts";
import type { Json } from "../ports.ts";
import { record } from "../transaction.ts";
import type { DeploymentChange, DeploymentRow } from "./operations/deployments.ts";
import type { JobChange, JobRow } from "./operations/jobs.ts";
import type { Relinked } from "./operations/links.ts";
import type { Change, Scope } from "./operations/scope.ts";
import { isTerminal } from "./status.ts";

/**
 * What a delivery changed, as events. A pipeline's stream ends with the event that makes its status terminal, as
 * design section 4 asks; what comes later (a job that reports after its run, a deployment) is still appended to it,
 * for whoever reads the log again, and reaches open pages as a snapshot on the project's stream. A new attempt is a
 * pipeline with a stream of its own.
 */
export interface Folded {
  readonly pipelines: readonly Change<PipelineExecution>[];
  readonly jobs: readonly JobChange[];
  readonly deployments: readonly DeploymentChange[];
  readonly relinked: readonly Relinked[];
}

/** Records what really changed; nothing for a delivery that told nothing new. */
export function recordChanges(scope: Scope, folded: Folded): void {
  const streams = new Map<string, NewEvent[]>();
  const add = (pipelineId: string | null, event: NewEvent) => {
    if (pipelineId) streams.set(pipelineId, [...(streams.get(pipelineId) ?? []), event]);
  };
  for (const job of folded.jobs) if (isNew(job)) add(job.pipelineId, jobChanged(job.after));
  for (const { deployment, pipelineIds } of deploymentsTold(folded))
    for (const id of pipelineIds) add(id, deploymentChanged(deployment));
  for (const pipeline of folded.pipelines)
    if (isNew(pipeline)) add(pipeline.after.id, statusChanged(pipeline.after));

  const ended = new Set(
    folded.pipelines.filter(({ after }) => isTerminal(after.status)).map(({ after }) => after.id),
  );
  for (const [streamId, events] of streams) {
    const { tx, projectId } = scope;
    record(tx, { kind: "pipeline_execution", streamId, projectId, events, ends: ended.has(streamId) });
  }
  recordOnProject(scope, folded);
  scope.tx.afterCommit(() => {
    for (const { after } of folded.pipelines.filter(isEnd)) tellEnd(scope, after);
  });
}

/** Its status became terminal with this delivery. */
function isEnd({ before, after }: Change<PipelineExecution>): boolean {
  return isTerminal(after.status) && !(before && isTerminal(before.status));
}

function tellEnd({ tx }: Scope, { provider, status, startedAt, completedAt }: PipelineExecution): void {
  const ms = startedAt && completedAt ? completedAt.getTime() - startedAt.getTime() : null;
  tx.telemetry.note({ kind: "pipeline_ended", provider, status, ms });
}

function recordOnProject(scope: Scope, folded: Folded): void {
  const events: NewEvent[] = [];
  for (const pipeline of folded.pipelines)
    if (isNews(pipeline, folded.jobs)) events.push(executionChanged(pipeline.after));
  for (const { after, changed, before } of folded.deployments) {
    if (!before || changed.includes("status") || changed.includes("environment"))
      events.push(deploymentSnapshot(scope, after));
  }
  if (events.length > 0)
    record(scope.tx, { kind: "project", streamId: scope.projectId, projectId: scope.projectId, events });
}

function isNew(change: Change<unknown>): boolean {
  return !change.before || change.changed.length > 0;
}

/** Status-level news for the project: another status or title, or a late job of a pipeline whose stream has ended. */
function isNews({ before, after }: Change<PipelineExecution>, jobs: readonly JobChange[]): boolean {
  if (!before || before.status !== after.status || titleOf(before) !== titleOf(after)) return true;
  return isTerminal(before.status) && jobs.some((job) => job.pipelineId === after.id && isNew(job));
}

/** Each deployment whose state or pipeline changed, with the pipelines to be told: the one left and the one joined. */
function deploymentsTold(folded: Folded) {
  const moved = new Map(folded.relinked.map((link) => [link.deployment.id, link]));
  const changed = folded.deployments.filter(isNew).filter(({ after }) => !moved.has(after.id));
  return [
    ...folded.relinked.map(({ deployment, from, to }) => ({ deployment, pipelineIds: new Set([from, to]) })),
    ...changed.map(({ after }) => ({ deployment: after, pipelineIds: new Set([after.pipelineId]) })),
  ];
}

function titleOf(pipeline: PipelineExecution): string {
  return pipeline.title ?? pipeline.pipelineName;
}

function statusChanged({ status }: PipelineExecution): NewEvent {
  return { type: "PipelineStatusChanged", data: { status } };
}

function deploymentChanged({ id, status, environment }: DeploymentRow): NewEvent {
  return {
    type: "PipelineDeploymentChanged",
    data: { deploymentId: id, environment: environment.name, status },
  };
}

function executionChanged(pipeline: PipelineExecution): NewEvent {
  const { id, status } = pipeline;
  return { type: "PipelineExecutionChanged", data: { executionId: id, status, title: titleOf(pipeline) } };
}

function deploymentSnapshot(scope: Scope, { id, status, environment }: DeploymentRow): NewEvent {
  const title = `${scope.repository.fullName} to ${environment.name}`;
  return { type: "DeploymentChanged", data: { deploymentId: id, status, title } };
}

/** An event is at most 16 KiB: the snapshot keeps of each part what fits, the query has it all. */
const ROOM = { text: 1024, url: 2048, labels: 2048, steps: 7 * 1024 } as const;

/** The first items that fit. */
function fitting<T extends Json>(items: readonly T[], bytes: number): T[] {
  let left = bytes;
  const end = items.findIndex((item) => {
    left -= jsonBytes(item) + 1;
    return left < 0;
  });
  return items.slice(0, end < 0 ? items.length : end);
}

function jobChanged(job: JobRow): NewEvent {
  const iso = (date: Date | null) => date?.toISOString() ?? null;
  const text = (value: string | null) => value && cutText(value, ROOM.text);
  const steps = job.steps.map((step) => ({
    ...step,
    startedAt: iso(step.startedAt),
    completedAt: iso(step.completedAt),
  }));
  const { id, name, status, url } = job;
  const snapshot = {
    id,
    name: cutText(name, ROOM.text),
    status,
    rawStatus: text(job.rawStatus),
    rawConclusion: text(job.rawConclusion),
    runnerName: text(job.runnerName),
    labels: fitting(job.labels, ROOM.labels),
    // Half an address leads nowhere.
    url: url && jsonBytes(url) <= ROOM.url ? url : null,
    queuedAt: iso(job.queuedAt),
    startedAt: iso(job.startedAt),
    completedAt: iso(job.completedAt),
    steps: fitting(steps.toReversed(), ROOM.steps).toReversed(),
  };
  return { type: "PipelineJobChanged", data: { job: snapshot } };
}
