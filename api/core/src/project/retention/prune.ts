import { executeRaw, queryRaw, type Sql, sql } from "@shiplog/db";
import type { Context } from "../../context.ts";

/** Rows of one statement. */
export const BATCH = 1_000;

export type Kind = "content" | "payload" | "diff" | "overflow" | "step" | "run" | "delivery";

/** By the index on the project and the time of the row, oldest first. */
const STATEMENTS: Record<Kind, (projectId: string, before: Date, now: Date) => Sql> = {
  content: (projectId, before) =>
    sql`DELETE FROM ai_activity_content WHERE activity_id IN (
          SELECT a.id FROM ai_activity a JOIN ai_activity_content c ON c.activity_id = a.id
          WHERE a.project_id = ${projectId}::uuid AND a.occurred_at < ${before}::timestamptz LIMIT ${BATCH})`,
  // Paths and counts stay.
  diff: (projectId, before) =>
    sql`UPDATE ai_activity_code_change SET diff = NULL WHERE (activity_id, index) IN (
          SELECT c.activity_id, c.index FROM ai_activity a JOIN ai_activity_code_change c ON c.activity_id = a.id
          WHERE a.project_id = ${projectId}::uuid AND a.occurred_at < ${before}::timestamptz AND c.diff IS NOT NULL
          LIMIT ${BATCH})`,
  payload: (projectId, before) =>
    sql`DELETE FROM webhook_delivery_payload WHERE delivery_id IN (
          SELECT d.id FROM webhook_delivery d JOIN webhook_delivery_payload p ON p.delivery_id = d.id
          WHERE d.project_id = ${projectId}::uuid AND d.received_at < ${before}::timestamptz LIMIT ${BATCH})`,
  // Of runs that go on nothing is taken: whoever follows them may still ask for the whole.
  overflow: (projectId, before) =>
    sql`DELETE FROM event_content WHERE id IN (
          SELECT c.id FROM stream_head h JOIN event_content c ON c.stream_id = h.stream_id
          WHERE h.project_id = ${projectId}::uuid AND h.ended AND c.created_at < ${before}::timestamptz
          LIMIT ${BATCH})`,
  // What tools answered; whoever takes a run over resumes from it, and nobody else reads it.
  step: (projectId, before) =>
    sql`DELETE FROM agent_step WHERE (execution_id, index) IN (
          SELECT s.execution_id, s.index FROM agent_execution e JOIN agent_step s ON s.execution_id = e.id
          WHERE e.project_id = ${projectId}::uuid AND e.created_at < ${before}::timestamptz
            AND e.completed_at < ${before}::timestamptz LIMIT ${BATCH})`,
  // What it was asked, given and came to; that it ran, how it ended, its usage and cost stay.
  run: (projectId, before, now) =>
    sql`UPDATE agent_execution
        SET task_description = '', input_data = '{}', output_data = NULL, content_removed_at = ${now}::timestamptz
        WHERE id IN (
          SELECT id FROM agent_execution
          WHERE project_id = ${projectId}::uuid AND created_at < ${before}::timestamptz
            AND completed_at < ${before}::timestamptz AND content_removed_at IS NULL LIMIT ${BATCH})`,
  delivery: (projectId, before) =>
    sql`DELETE FROM webhook_delivery WHERE id IN (
          SELECT id FROM webhook_delivery
          WHERE project_id = ${projectId}::uuid AND received_at < ${before}::timestamptz AND outcome <> 'received'
          ORDER BY received_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
};

/** Removes at most BATCH rows of one kind; answers how many. */
export async function pruneBatch(ctx: Context, kind: Kind, projectId: string, before: Date): Promise<number> {
  return executeRaw(ctx.db, STATEMENTS[kind](projectId, before, ctx.clock.now()));
}

/** The same for audit entries (null: those without a project); see the migration for why it inserts. */
export async function pruneAudit(ctx: Context, projectId: string | null, before: Date): Promise<number> {
  const [row] = await queryRaw<{ deleted: number }>(
    ctx.db,
    sql`INSERT INTO audit_pruning (id, at, project_id, before, batch)
        VALUES (${ctx.newId()}::uuid, ${ctx.clock.now()}::timestamptz, ${projectId}::uuid, ${before}::timestamptz,
          ${BATCH})
        RETURNING deleted`,
  );
  return row?.deleted ?? 0;
}
