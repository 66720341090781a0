import {
  HEARSAY_RANK,
  impliedByJob,
  isTerminal,
  type JobEvent,
  jobRank,
  type NormalizedEvent,
  type PipelineEvent,
  type PipelineStatus,
  pipelineStatus,
  type Step,
} from "@shiplog/core/pipeline";
import { z } from "zod";
import { count, id, latest, line, read, sha, time, told, url } from "./fields.ts";
import { repository, repositoryEvent } from "./repository.ts";

const step = z.object({
  number: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1),
  name: line,
  status: line,
  conclusion: line,
  started_at: time,
  completed_at: time,
});

const job = z.object({
  id,
  run_id: id,
  run_attempt: count,
  workflow_name: line,
  name: line,
  status: line,
  conclusion: line,
  head_sha: sha,
  head_branch: line,
  html_url: url,
  created_at: time,
  started_at: time,
  completed_at: time,
  runner_name: line,
  labels: z.array(line).max(50).nullish().catch(null),
  steps: z.array(step).nullish(),
});

const schema = z.object({ workflow_job: job, repository });

type Job = z.output<typeof job>;

/** One job with the steps known so far. It may come before its run, and without an attempt (then it is the first). */
export function workflowJob(payload: unknown): NormalizedEvent[] {
  const { workflow_job, repository: repo } = read(schema, payload);
  const status = pipelineStatus(workflow_job.status, workflow_job.conclusion);
  return [repositoryEvent(repo), ...pipelines(workflow_job, status), jobEvent(workflow_job, status)];
}

function refOf(job: Job) {
  return { externalId: job.run_id, attempt: job.run_attempt || 1 };
}

/** What a job knows of its run: less than the run's own deliveries, which win by rank. */
function pipelines(job: Job, status: PipelineStatus): PipelineEvent[] {
  const implied = impliedByJob(status);
  const known = told({
    pipelineName: job.workflow_name,
    commitSha: job.head_sha,
    branch: job.head_branch,
    createdAt: job.created_at ?? job.started_at,
  });
  return [
    { entity: "pipeline", ...refOf(job), rank: HEARSAY_RANK, time: timeOf(job), fields: known },
    {
      entity: "pipeline",
      ...refOf(job),
      rank: implied.rank,
      time: timeOf(job),
      fields: { status: implied.status, rawStatus: null, rawConclusion: null },
    },
  ];
}

function jobEvent(job: Job, status: PipelineStatus): JobEvent {
  const ended = isTerminal(status);
  const steps = stepsOf(job);
  return {
    entity: "job",
    pipeline: refOf(job),
    externalId: job.id,
    rank: jobRank(status),
    time: timeOf(job),
    fields: {
      ...told({
        name: job.name,
        runnerName: job.runner_name,
        labels: job.labels?.filter((label) => label !== null) ?? null,
        url: job.html_url,
        queuedAt: job.created_at,
        // Queued jobs carry started_at as well, long before they start.
        startedAt: status === "running" || ended ? job.started_at : null,
        completedAt: ended ? job.completed_at : null,
        steps: steps.length > 0 ? steps : null,
      }),
      status,
      rawStatus: job.status,
      rawConclusion: job.conclusion,
    },
  };
}

/** The payload has no updated_at: the newest of its times tells when this was so. */
function timeOf(job: Job): Date | null {
  const steps = (job.steps ?? []).flatMap((step) => [step.started_at, step.completed_at]);
  return latest(job.created_at, job.started_at, job.completed_at, ...steps);
}

function stepsOf(job: Job): Step[] {
  const byNumber = new Map<number, Step>();
  for (const step of job.steps ?? []) {
    byNumber.set(step.number, {
      number: step.number,
      name: step.name ?? `Step ${step.number}`,
      status: pipelineStatus(step.status, step.conclusion),
      rawConclusion: step.conclusion,
      startedAt: step.started_at,
      completedAt: step.completed_at,
    });
  }
  return [...byNumber.values()].toSorted((a, b) => a.number - b.number);
}
