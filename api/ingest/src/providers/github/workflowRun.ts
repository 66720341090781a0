import {
  type CommitEvent,
  isTerminal,
  type NormalizedEvent,
  type PipelineEvent,
  pipelineRank,
  pipelineStatus,
} from "@shiplog/core/pipeline";
import { z } from "zod";
import { account, count, id, latest, line, maybe, read, sha, text, time, told, url } from "./fields.ts";
import { repository, repositoryEvent } from "./repository.ts";

const run = z.object({
  id,
  name: line,
  path: line,
  display_title: line,
  run_number: count,
  run_attempt: count,
  event: line,
  status: line,
  conclusion: line,
  head_branch: line,
  head_sha: sha,
  html_url: url,
  created_at: time,
  run_started_at: time,
  updated_at: time,
  actor: maybe(account),
  triggering_actor: maybe(account),
  head_commit: maybe(
    z.object({
      id: sha,
      message: text,
      timestamp: time,
      author: maybe(z.object({ name: line, email: line })),
    }),
  ),
});

const schema = z.object({
  workflow_run: run,
  workflow: maybe(z.object({ name: line })),
  repository,
});

type Run = z.output<typeof run>;

/** One attempt of a workflow. */
export function workflowRun(payload: unknown): NormalizedEvent[] {
  const { workflow_run, workflow, repository: repo } = read(schema, payload);
  return [repositoryEvent(repo), ...headCommit(workflow_run), pipeline(workflow_run, workflow?.name ?? null)];
}

function pipeline(run: Run, workflowName: string | null): PipelineEvent {
  const status = pipelineStatus(run.status, run.conclusion);
  const ended = isTerminal(status);
  const attempt = run.run_attempt || 1;
  // A re-run keeps the first attempt's created_at; its own beginning is run_started_at.
  const askedFor = attempt > 1 ? (run.run_started_at ?? run.created_at) : run.created_at;
  return {
    entity: "pipeline",
    externalId: run.id,
    attempt,
    rank: pipelineRank(status),
    time: latest(run.updated_at, run.run_started_at),
    fields: {
      ...told({
        pipelineName: run.name ?? workflowName ?? fileName(run.path),
        title: run.display_title ?? firstLine(run.head_commit?.message),
        runNumber: run.run_number,
        commitSha: run.head_sha,
        branch: run.head_branch,
        event: run.event,
        triggeredBy: run.triggering_actor?.login ?? run.actor?.login ?? null,
        url: run.html_url,
        startedAt: status === "running" || ended ? (run.run_started_at ?? run.created_at) : null,
        // The payload has no other time of completion.
        completedAt: ended ? run.updated_at : null,
        createdAt: askedFor,
      }),
      status,
      rawStatus: run.status,
      rawConclusion: run.conclusion,
    },
  };
}

function headCommit({ head_commit: commit, head_sha }: Run): CommitEvent[] {
  const commitSha = commit?.id ?? head_sha;
  if (!commit || !commitSha) return [];
  return [
    {
      entity: "commit",
      sha: commitSha,
      rank: 0,
      time: commit.timestamp,
      fields: told({
        message: commit.message,
        authorName: commit.author?.name ?? null,
        authorEmail: commit.author?.email ?? null,
        committedAt: commit.timestamp,
      }),
    },
  ];
}

function fileName(path: string | null): string | null {
  return path?.split("@")[0]?.split("/").at(-1) ?? null;
}

function firstLine(message: string | null | undefined): string | null {
  return message?.split("\n")[0]?.trim().slice(0, 500) || null;
}
