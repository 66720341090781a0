import { queryRaw, sql } from "@shiplog/db";
import type { Context } from "../context.ts";

export type ItemType = "AgentExecution" | "PipelineExecution" | "Deployment";

/** Names an object of one of several types. */
export interface ItemRef {
  readonly type: ItemType;
  /** UUID. */
  readonly id: string;
}

/** Executions and pipelines of the projects that have not ended, newest first. */
export async function runningItems(
  ctx: Context,
  projectIds: readonly string[],
  most = 20,
): Promise<ItemRef[]> {
  return queryRaw<ItemRef>(
    ctx.db,
    sql`SELECT type, id FROM (
      (SELECT 'AgentExecution' AS type, id, created_at FROM agent_execution
       WHERE project_id = ANY(${projectIds}::uuid[]) AND status IN ('pending', 'running', 'waiting_approval')
       ORDER BY created_at DESC LIMIT ${most})
      UNION ALL
      (SELECT 'PipelineExecution', id, created_at FROM pipeline_execution
       WHERE project_id = ANY(${projectIds}::uuid[]) AND status IN ('queued', 'waiting', 'running')
       ORDER BY created_at DESC LIMIT ${most})
    ) item ORDER BY created_at DESC, id DESC LIMIT ${most}`,
  );
}

/** What failed since then, newest first. */
export async function failedItems(
  ctx: Context,
  projectIds: readonly string[],
  since: Date,
  most = 10,
): Promise<ItemRef[]> {
  const failed = sql`project_id = ANY(${projectIds}::uuid[]) AND status = 'failed' AND created_at >= ${since}
       ORDER BY created_at DESC LIMIT ${most}`;
  return queryRaw<ItemRef>(
    ctx.db,
    sql`SELECT type, id FROM (
      (SELECT 'AgentExecution' AS type, id, created_at FROM agent_execution WHERE ${failed})
      UNION ALL
      (SELECT 'PipelineExecution', id, created_at FROM pipeline_execution WHERE ${failed})
      UNION ALL
      (SELECT 'Deployment', id, created_at FROM deployment WHERE ${failed})
    ) item ORDER BY created_at DESC, id DESC LIMIT ${most}`,
  );
}

/** The newest deployments that reached their environment (also those that were replaced since). */
export async function shippedIds(ctx: Context, projectIds: readonly string[], most = 10): Promise<string[]> {
  const rows = await queryRaw<{ id: string }>(
    ctx.db,
    sql`SELECT id FROM deployment WHERE project_id = ANY(${projectIds}::uuid[]) AND status IN ('success', 'inactive')
        ORDER BY created_at DESC, id DESC LIMIT ${most}`,
  );
  return rows.map((row) => row.id);
}

export interface SpendRow {
  /** UTC, yyyy-mm-dd. */
  readonly day: string;
  /** The tool of an activity, the agent type of an execution. */
  readonly tool: string;
  readonly nanos: bigint;
  readonly activities: number;
  /** Rows with tokens whose model has no known price. */
  readonly unpriced: number;
}

/** Costs of AI activities and agent executions since then, by UTC day and tool. */
export async function spendRows(
  ctx: Context,
  projectIds: readonly string[],
  since: Date,
): Promise<SpendRow[]> {
  return queryRaw<SpendRow>(
    ctx.db,
    sql`SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, tool, coalesce(sum(nanos), 0)::bigint AS nanos,
               count(*)::int AS activities, count(*) FILTER (WHERE unpriced)::int AS unpriced
        FROM (
          SELECT occurred_at AS at, tool, coalesce(cost_reported_nanos, cost_computed_nanos) AS nanos,
                 coalesce(cost_reported_nanos, cost_computed_nanos) IS NULL
                   AND input_tokens + output_tokens > 0 AS unpriced
          FROM ai_activity WHERE project_id = ANY(${projectIds}::uuid[]) AND occurred_at >= ${since}
          UNION ALL
          SELECT created_at, agent_type, cost_nanos, unpriced_usages > 0
          FROM agent_execution WHERE project_id = ANY(${projectIds}::uuid[]) AND created_at >= ${since}
        ) spent GROUP BY 1, 2`,
  );
}

export interface SummaryRow {
  readonly projectId: string;
  readonly running: number;
  readonly pipelines: number;
  readonly passed: number;
  readonly failed: number;
  readonly costToday: bigint | null;
  readonly costSince: bigint | null;
  readonly lastDeploymentId: string | null;
}

/** The counts of project cards, one row per project. */
export async function summaryRows(
  ctx: Context,
  projectIds: readonly string[],
  times: { readonly today: Date; readonly since: Date },
): Promise<SummaryRow[]> {
  return queryRaw<SummaryRow>(
    ctx.db,
    sql`SELECT p.id AS "projectId", a.running + l.running AS running, l.pipelines, l.passed, l.failed,
               coalesce(a.today + c.today, a.today, c.today)::bigint AS "costToday",
               coalesce(a.since + c.since, a.since, c.since)::bigint AS "costSince", d.id AS "lastDeploymentId"
        FROM unnest(${projectIds}::uuid[]) AS p(id)
        CROSS JOIN LATERAL (
          SELECT count(*) FILTER (WHERE status IN ('pending', 'running', 'waiting_approval'))::int AS running,
                 sum(cost_nanos) FILTER (WHERE created_at >= ${times.today}) AS today,
                 sum(cost_nanos) FILTER (WHERE created_at >= ${times.since}) AS since
          FROM agent_execution WHERE project_id = p.id
        ) a
        CROSS JOIN LATERAL (
          SELECT count(*) FILTER (WHERE status IN ('queued', 'waiting', 'running'))::int AS running,
                 count(*) FILTER (WHERE recent)::int AS pipelines,
                 count(*) FILTER (WHERE recent AND status = 'success')::int AS passed,
                 count(*) FILTER (WHERE recent AND status = 'failed')::int AS failed
          FROM (SELECT status, created_at >= ${times.since} AS recent FROM pipeline_execution
                WHERE project_id = p.id) run
        ) l
        CROSS JOIN LATERAL (
          SELECT sum(coalesce(cost_reported_nanos, cost_computed_nanos)) FILTER (WHERE occurred_at >= ${times.today}) AS today,
                 sum(coalesce(cost_reported_nanos, cost_computed_nanos)) AS since
          FROM ai_activity WHERE project_id = p.id AND occurred_at >= ${times.since}
        ) c
        LEFT JOIN LATERAL (
          SELECT id FROM deployment WHERE project_id = p.id ORDER BY created_at DESC, id DESC LIMIT 1
        ) d ON true`,
  );
}
