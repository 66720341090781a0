import { queryRaw, sql } from "@shiplog/db";
import type { Context } from "../context.ts";

/** What a field of many objects needs, for all of them in one statement: by key, what was found in its order. */
type Found<T = string> = Promise<ReadonlyMap<string, readonly T[]>>;

interface Hit {
  readonly key: string;
  readonly id: string;
}

function grouped(rows: readonly Hit[]): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { key, id } of rows) found.set(key, [...(found.get(key) ?? []), id]);
  return found;
}

/** The key of a commit that may or may not be known: its repository's UUID and its sha. */
export function commitKey(repositoryId: string, sha: string | null): string | null {
  return sha ? `${repositoryId}:${sha}` : null;
}

function splitKeys(keys: readonly string[]): { repositories: string[]; shas: string[] } {
  const parts = keys.map((key) => key.split(":") as [string, string]);
  return { repositories: parts.map(([id]) => id), shas: parts.map(([, sha]) => sha) };
}

/** Commit UUIDs by commit key. */
export async function commitsOf(ctx: Context, keys: readonly string[]): Found {
  const { repositories, shas } = splitKeys(keys);
  const rows = await queryRaw<Hit>(
    ctx.db,
    sql`SELECT k.repository || ':' || k.sha AS key, c.id
        FROM unnest(${repositories}::uuid[], ${shas}::text[]) AS k(repository, sha)
        JOIN commit c ON c.repository_id = k.repository AND c.sha = k.sha`,
  );
  return grouped(rows);
}

/** Pull request UUIDs by commit key: those that hold the commit or have it as their head; newest first. */
export async function pullRequestsOf(ctx: Context, keys: readonly string[]): Found {
  const { repositories, shas } = splitKeys(keys);
  const rows = await queryRaw<Hit>(
    ctx.db,
    sql`SELECT k.repository || ':' || k.sha AS key, r.id
        FROM unnest(${repositories}::uuid[], ${shas}::text[]) AS k(repository, sha)
        JOIN pull_request r ON r.repository_id = k.repository
        WHERE r.head_sha = k.sha OR EXISTS (
          SELECT FROM pull_request_commit l JOIN commit c ON c.id = l.commit_id
          WHERE l.pull_request_id = r.id AND c.repository_id = k.repository AND c.sha = k.sha)
        ORDER BY r.number DESC`,
  );
  return grouped(rows);
}

/** Pipeline UUIDs of all attempts of the same run, oldest first, by the UUID of any of them. */
export async function attemptsOf(ctx: Context, pipelineIds: readonly string[]): Found {
  const rows = await queryRaw<Hit>(
    ctx.db,
    sql`SELECT p.id AS key, o.id FROM pipeline_execution p
        JOIN pipeline_execution o ON o.repository_id = p.repository_id AND o.provider = p.provider
          AND o.external_id = p.external_id
        WHERE p.id = ANY(${pipelineIds}::uuid[]) ORDER BY o.attempt`,
  );
  return grouped(rows);
}

interface ReasonRow {
  readonly id: string;
  readonly conclusion: string | null;
  readonly job: string | null;
  readonly step: string | null;
}

function reasonOf({ job, step, conclusion }: ReasonRow): string {
  if (job !== null) return step === null ? `${job} failed` : `${job} failed at “${step}”`;
  return conclusion === null ? "It failed." : `It ended with ${conclusion.replaceAll("_", " ")}`;
}

/** Why pipelines failed, in one line: the first failing job and step. By pipeline UUID; absent unless failed. */
export async function failureReasons(
  ctx: Context,
  pipelineIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await queryRaw<ReasonRow>(
    ctx.db,
    sql`SELECT p.id, p.raw_conclusion AS conclusion, j.name AS job, s.name AS step FROM pipeline_execution p
        LEFT JOIN LATERAL (
          SELECT id, name FROM pipeline_job WHERE pipeline_id = p.id AND status = 'failed'
          ORDER BY completed_at NULLS LAST, id LIMIT 1
        ) j ON true
        LEFT JOIN LATERAL (
          SELECT name FROM pipeline_step WHERE job_id = j.id AND status = 'failed' ORDER BY number LIMIT 1
        ) s ON true
        WHERE p.id = ANY(${pipelineIds}::uuid[]) AND p.status = 'failed'`,
  );
  return new Map(rows.map((row) => [row.id, reasonOf(row)]));
}

/**
 * How long jobs usually take (ms): the median of the last 20 good runs of the job of that name in the same
 * pipeline of the same repository. By job UUID; absent when there is none.
 */
export async function medianJobDurations(
  ctx: Context,
  jobIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await queryRaw<{ id: string; ms: number }>(
    ctx.db,
    sql`SELECT j.id, percentile_cont(0.5) WITHIN GROUP (ORDER BY d.ms) AS ms
        FROM pipeline_job j JOIN pipeline_execution p ON p.id = j.pipeline_id
        CROSS JOIN LATERAL (
          SELECT (extract(epoch FROM o.completed_at - o.started_at) * 1000)::float8 AS ms
          FROM pipeline_execution q JOIN pipeline_job o ON o.pipeline_id = q.id AND o.name = j.name
          WHERE q.project_id = p.project_id AND q.repository_id = p.repository_id
            AND q.pipeline_name = p.pipeline_name AND q.created_at <= p.created_at AND o.id <> j.id
            AND o.status = 'success' AND o.completed_at >= o.started_at
          ORDER BY q.created_at DESC LIMIT 20
        ) d WHERE j.id = ANY(${jobIds}::uuid[]) GROUP BY j.id`,
  );
  return new Map(rows.map((row) => [row.id, row.ms]));
}

/** The last line of text that executions said, by execution UUID; absent while one said nothing. */
export async function lastLines(
  ctx: Context,
  executionIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await queryRaw<{ id: string; text: string | null }>(
    ctx.db,
    sql`SELECT s.id, e.text FROM unnest(${executionIds}::uuid[]) AS s(id)
        CROSS JOIN LATERAL (
          SELECT data->>'text' AS text FROM stream_event
          WHERE stream_id = s.id AND type IN ('AgentMessage', 'AgentTextDelta') ORDER BY seq DESC LIMIT 1
        ) e`,
  );
  const lines = rows.map(({ id, text }) => [id, text?.trimEnd().split("\n").at(-1) ?? ""] as const);
  return new Map(lines.filter(([, line]) => line !== ""));
}
