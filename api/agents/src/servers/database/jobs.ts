import { z } from "zod";
import { fitting } from "../shared/fit.ts";
import { days, limit, number, type Report } from "./report.ts";

interface JobRow {
  pipeline: string;
  job: string;
  runs: string;
  failed: string;
  median_seconds: number;
  max_seconds: number;
  total_seconds: number;
  all_seconds: number;
}

const SLOWEST = `WITH finished AS (
    SELECT p.pipeline_name, j.name, j.status, extract(epoch FROM j.completed_at - j.started_at)::float8 AS seconds
    FROM pipeline_job j JOIN pipeline_execution p ON p.id = j.pipeline_id
    WHERE p.project_id = $1 AND p.created_at >= now() - make_interval(days => $2)
      AND j.completed_at >= j.started_at AND j.status IN ('success', 'failed'))
  SELECT left(pipeline_name, 200) AS pipeline, left(name, 200) AS job, count(*) AS runs,
    count(*) FILTER (WHERE status = 'failed') AS failed,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median_seconds,
    max(seconds) AS max_seconds, sum(seconds) AS total_seconds,
    sum(sum(seconds)) OVER () AS all_seconds
  FROM finished GROUP BY 1, 2 ORDER BY sum(seconds) DESC, 1, 2 LIMIT $3`;

const input = z.strictObject({ days, limit });

export const slowestJobs: Report<typeof input> = {
  name: "slowest_jobs",
  description:
    "The jobs that took the most time in the last days, by pipeline and job name: finished runs, failures, median, " +
    "longest and total seconds, and the share of all job time (0 to 1).",
  input,
  async read(ask, projectId, args) {
    const rows = await ask<JobRow>({ text: SLOWEST, values: [projectId, args.days, args.limit] });
    const jobs = rows.map((row) => ({
      pipeline: row.pipeline,
      job: row.job,
      runs: number(row.runs),
      failed: number(row.failed),
      medianSeconds: row.median_seconds,
      maxSeconds: row.max_seconds,
      totalSeconds: row.total_seconds,
      share: row.all_seconds > 0 ? row.total_seconds / row.all_seconds : 0,
    }));
    return { days: args.days, jobs: fitting(jobs) };
  },
};
