import {
  HEARSAY_RANK,
  isTerminal,
  type JobEvent,
  jobRank,
  type Normalized,
  type PipelineEvent,
  pipelineRank,
  pipelineStatus,
} from "@shiplog/core/pipeline";
import { z } from "zod";
import { id, latest, line, maybe, read, sha, time, told, url } from "./fields.ts";
import { repository, repositoryEvent } from "./repository.ts";

/** The app whose checks repeat what workflow_run and workflow_job say. */
const ACTIONS = "github-actions";
const REPEATED: Normalized = {
  kind: "ignored",
  reason:
    "Repeats the workflow: checks of GitHub Actions are kept, the workflow's own deliveries are folded.",
};

const app = maybe(z.object({ slug: line, name: line }));

const suite = z.object({
  id,
  status: line,
  conclusion: line,
  head_branch: line,
  head_sha: sha,
  created_at: time,
  updated_at: time,
  app,
});

const run = z.object({
  id,
  name: line,
  status: line,
  conclusion: line,
  head_sha: sha,
  html_url: url,
  details_url: url,
  started_at: time,
  completed_at: time,
  check_suite: suite,
  app,
});

type Suite = z.output<typeof suite>;
type Run = z.output<typeof run>;

const suiteSchema = z.object({ check_suite: suite, repository });
const runSchema = z.object({ check_run: run, repository });

/** All checks of one app on one commit: a pipeline named by the app. */
export function checkSuite(payload: unknown): Normalized {
  const { check_suite, repository: repo } = read(suiteSchema, payload);
  if (check_suite.app?.slug === ACTIONS) return REPEATED;
  return { kind: "events", events: [repositoryEvent(repo), pipeline(check_suite, check_suite.app)] };
}

/** One check: a job of its suite's pipeline, of which it carries a copy. */
export function checkRun(payload: unknown): Normalized {
  const { check_run, repository: repo } = read(runSchema, payload);
  const owner = check_run.app ?? check_run.check_suite.app;
  if (owner?.slug === ACTIONS || check_run.check_suite.app?.slug === ACTIONS) return REPEATED;
  const events = [
    repositoryEvent(repo),
    ...started(check_run),
    pipeline(check_run.check_suite, owner),
    job(check_run),
  ];
  return { kind: "events", events };
}

function refOf(suite: Suite) {
  return { externalId: `check_suite:${suite.id}`, attempt: 1 };
}

function pipeline(suite: Suite, owner: z.output<typeof app>): PipelineEvent {
  const status = pipelineStatus(suite.status, suite.conclusion);
  const ended = isTerminal(status);
  return {
    entity: "pipeline",
    ...refOf(suite),
    rank: pipelineRank(status),
    time: latest(suite.updated_at, suite.created_at),
    fields: {
      ...told({
        pipelineName: owner?.name ?? owner?.slug ?? null,
        commitSha: suite.head_sha,
        branch: suite.head_branch,
        startedAt: status === "running" || ended ? suite.created_at : null,
        completedAt: ended ? suite.updated_at : null,
        createdAt: suite.created_at,
      }),
      status,
      rawStatus: suite.status,
      rawConclusion: suite.conclusion,
    },
  };
}

/** Old payloads have suites without times; the check's own beginning is then the best that is known. */
function started(run: Run): PipelineEvent[] {
  const fields = told({ createdAt: run.started_at, commitSha: run.head_sha });
  return [
    { entity: "pipeline", ...refOf(run.check_suite), rank: HEARSAY_RANK, time: run.started_at, fields },
  ];
}

function job(run: Run): JobEvent {
  const status = pipelineStatus(run.status, run.conclusion);
  const ended = isTerminal(status);
  return {
    entity: "job",
    pipeline: refOf(run.check_suite),
    externalId: run.id,
    rank: jobRank(status),
    time: latest(run.started_at, run.completed_at),
    fields: {
      ...told({
        name: run.name,
        url: run.html_url ?? run.details_url,
        queuedAt: run.started_at,
        startedAt: status === "running" || ended ? run.started_at : null,
        completedAt: ended ? run.completed_at : null,
      }),
      status,
      rawStatus: run.status,
      rawConclusion: run.conclusion,
    },
  };
}
