import { encodeId } from "@shiplog/core/ids";
import { z } from "zod";
import { fitting } from "../shared/fit.ts";
import { days, limit, number, type Report } from "./report.ts";

interface SummaryRow {
  pipeline: string;
  runs: string;
  success: string;
  failed: string;
  cancelled: string;
  unfinished: string;
  reruns: string;
  median_seconds: number | null;
  last_status: string;
  last_id: string;
}

const SUMMARY = `SELECT left(pipeline_name, 200) AS pipeline,
    count(*) AS runs,
    count(*) FILTER (WHERE status = 'success') AS success,
    count(*) FILTER (WHERE status = 'failed') AS failed,
    count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
    count(*) FILTER (WHERE status IN ('queued', 'waiting', 'running')) AS unfinished,
    count(*) FILTER (WHERE attempt > 1) AS reruns,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM completed_at - started_at))
      FILTER (WHERE status IN ('success', 'failed')) AS median_seconds,
    (array_agg(status::text ORDER BY created_at DESC, id DESC))[1] AS last_status,
    (array_agg(id::text ORDER BY created_at DESC, id DESC))[1] AS last_id
  FROM pipeline_execution
  WHERE project_id = $1 AND created_at >= now() - make_interval(days => $2)
  GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 100`;

const summaryInput = z.strictObject({ days });

export const pipelineSummary: Report<typeof summaryInput> = {
  name: "pipeline_summary",
  description:
    "Pipelines of the last days by name: runs by outcome, runs that were a second attempt, pass rate (success of " +
    "success and failed; null without either), median duration in seconds, the newest run and its status.",
  input: summaryInput,
  async read(ask, projectId, args) {
    const rows = await ask<SummaryRow>({ text: SUMMARY, values: [projectId, args.days] });
    return { days: args.days, pipelines: fitting(rows.map(pipeline)) };
  },
};

function pipeline(row: SummaryRow) {
  const success = number(row.success);
  const failed = number(row.failed);
  return {
    name: row.pipeline,
    runs: number(row.runs),
    success,
    failed,
    cancelled: number(row.cancelled),
    unfinished: number(row.unfinished),
    reruns: number(row.reruns),
    passRate: success + failed === 0 ? null : success / (success + failed),
    medianSeconds: row.median_seconds,
    lastStatus: row.last_status,
    lastId: encodeId("PipelineExecution", row.last_id),
  };
}

interface FailureRow {
  id: string;
  pipeline: string;
  branch: string | null;
  commit_sha: string | null;
  title: string | null;
  failed_at: Date;
  jobs: string[] | null;
}

const FAILURES = `SELECT p.id::text AS id, left(p.pipeline_name, 200) AS pipeline, left(p.branch, 200) AS branch,
    left(p.commit_sha, 64) AS commit_sha, left(p.title, 200) AS title,
    coalesce(p.completed_at, p.created_at) AS failed_at,
    (SELECT (array_agg(left(j.name, 100) ORDER BY j.name))[1:5] FROM pipeline_job j
      WHERE j.pipeline_id = p.id AND j.status = 'failed') AS jobs
  FROM pipeline_execution p
  WHERE p.project_id = $1 AND p.status = 'failed' AND p.created_at >= now() - make_interval(days => $2)
  ORDER BY p.created_at DESC, p.id DESC LIMIT $3`;

const failuresInput = z.strictObject({ days, limit });

export const recentFailures: Report<typeof failuresInput> = {
  name: "recent_failures",
  description:
    "The newest failed pipeline runs: branch, commit, title, time and the names of up to 5 failed jobs.",
  input: failuresInput,
  async read(ask, projectId, args) {
    const rows = await ask<FailureRow>({ text: FAILURES, values: [projectId, args.days, args.limit] });
    const failures = rows.map((row) => ({
      id: encodeId("PipelineExecution", row.id),
      pipeline: row.pipeline,
      branch: row.branch,
      commitSha: row.commit_sha,
      title: row.title,
      failedAt: row.failed_at.toISOString(),
      jobs: row.jobs ?? [],
    }));
    return { days: args.days, failures: fitting(failures) };
  },
};
