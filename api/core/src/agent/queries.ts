import { prepared, queryRaw, sql } from "@shiplog/db";
import type { Context } from "../context.ts";
import type { Json } from "../ports.ts";
import type { AgentExecutionStatus } from "./status.ts";

/** An execution whose row this transaction holds: the one writer of its stream until commit. */
export interface LockedExecution {
  readonly id: string;
  readonly projectId: string;
  readonly agentType: string;
  readonly taskDescription: string;
  readonly status: AgentExecutionStatus;
  readonly external: boolean;
  readonly attempt: number;
  readonly fence: bigint;
  /** Null: it never ran. */
  readonly startedAt: Date | null;
  /** A worker holds an unexpired lease, by the database's clock. */
  readonly leaseAlive: boolean;
  readonly cancelRequestedAt: Date | null;
  readonly lastActivityAt: Date;
  readonly lastTextAt: Date | null;
  readonly heldSealed: Uint8Array | null;
  readonly lastBatch: number;
  readonly toolCalls: number;
  readonly costNanos: bigint | null;
}

/** Locks the row; null when it does not exist. Taken before any stream head, so that writers queue here. */
export async function lockExecution(tx: Context, id: string): Promise<LockedExecution | null> {
  const rows = await queryRaw<LockedExecution>(
    tx.db,
    prepared(sql`SELECT id, project_id AS "projectId", agent_type AS "agentType", task_description AS "taskDescription",
          status::text, external, attempt, fence, started_at AS "startedAt",
          coalesce(lease_until > clock_timestamp(), false) AS "leaseAlive",
          cancel_requested_at AS "cancelRequestedAt", last_activity_at AS "lastActivityAt",
          last_text_at AS "lastTextAt", held_sealed AS "heldSealed", last_batch AS "lastBatch", tool_calls AS "toolCalls",
          cost_nanos AS "costNanos"
        FROM agent_execution WHERE id = ${id}::uuid FOR UPDATE`),
  );
  return rows[0] ?? null;
}

/** Last seq of the stream. Exact under the execution's lock: whoever appends holds it. */
export async function headSeq(tx: Context, id: string): Promise<number> {
  const head = await tx.db.streamHead.findUnique({ where: { streamId: id }, select: { seq: true } });
  return head?.seq ?? 0;
}

/** Tool calls that started and never finished, oldest first. */
export async function openCalls(tx: Context, id: string): Promise<string[]> {
  const rows = await queryRaw<{ callId: string }>(
    tx.db,
    sql`SELECT s.data->>'callId' AS "callId" FROM stream_event s
        WHERE s.stream_id = ${id}::uuid AND s.type = 'AgentToolCallStarted' AND NOT EXISTS (
          SELECT 1 FROM stream_event f WHERE f.stream_id = s.stream_id AND f.seq > s.seq
            AND f.type = 'AgentToolCallFinished' AND f.data->>'callId' = s.data->>'callId')
        ORDER BY s.seq`,
  );
  return rows.map((row) => row.callId);
}

/** First seq of the deltas of each of these messages; absent for a message that did not stream. */
export async function firstDeltas(
  tx: Context,
  id: string,
  messageIds: readonly string[],
): Promise<Map<string, number>> {
  if (messageIds.length === 0) return new Map();
  const rows = await queryRaw<{ messageId: string; seq: number }>(
    tx.db,
    sql`SELECT data->>'messageId' AS "messageId", min(seq) AS seq FROM stream_event
        WHERE stream_id = ${id}::uuid AND type = 'AgentTextDelta'
          AND data->>'messageId' = ANY(${messageIds}::text[]) GROUP BY 1`,
  );
  return new Map(rows.map((row) => [row.messageId, row.seq]));
}

/** What a claim hands to the executor. */
export interface Claim {
  readonly id: string;
  readonly projectId: string;
  readonly agentType: string;
  readonly taskDescription: string;
  readonly inputData: Json;
  readonly budget: Json;
  readonly fence: bigint;
  readonly attempt: number;
  readonly startedAt: Date;
  readonly cancelRequestedAt: Date | null;
  readonly heldSealed: Uint8Array | null;
  readonly toolCalls: number;
  readonly costNanos: bigint | null;
}

/**
 * The compare-and-set that gives an execution to one worker: it is pending, or its lease ran out. Leases are
 * measured by the database's clock, so that workers' clocks need not agree. Null when another has it or it ended.
 */
export async function claimRow(tx: Context, id: string, worker: string): Promise<Claim | null> {
  const rows = await queryRaw<Claim>(
    tx.db,
    sql`UPDATE agent_execution SET status = 'running', fence = fence + 1, attempt = attempt + 1,
          lease_owner = ${worker}, lease_until = clock_timestamp() + ${tx.settings.leaseMs} * interval '1 ms',
          started_at = coalesce(started_at, ${tx.clock.now()}::timestamptz)
        WHERE id = ${id}::uuid AND NOT external AND (status = 'pending'
          OR (status = 'running' AND (lease_until IS NULL OR lease_until <= clock_timestamp())))
        RETURNING id, project_id AS "projectId", agent_type AS "agentType",
          task_description AS "taskDescription", input_data AS "inputData", budget, fence, attempt,
          started_at AS "startedAt", cancel_requested_at AS "cancelRequestedAt", held_sealed AS "heldSealed",
          tool_calls AS "toolCalls", cost_nanos AS "costNanos"`,
  );
  return rows[0] ?? null;
}

/** Whether the claim still holds, and whether somebody asked for a cancel. */
export interface LeaseState {
  readonly cancelRequested: boolean;
}

/** Prolongs the lease; null when the claim is gone. */
export async function renewLease(ctx: Context, id: string, fence: bigint): Promise<LeaseState | null> {
  const rows = await queryRaw<LeaseState>(
    ctx.db,
    prepared(sql`UPDATE agent_execution
        SET lease_until = clock_timestamp() + ${ctx.settings.leaseMs} * interval '1 ms'
        WHERE id = ${id}::uuid AND fence = ${fence} AND status = 'running'
        RETURNING cancel_requested_at IS NOT NULL AS "cancelRequested"`),
  );
  return rows[0] ?? null;
}

/** Reads the claim without writing. */
export async function readLease(ctx: Context, id: string, fence: bigint): Promise<LeaseState | null> {
  const rows = await queryRaw<LeaseState>(
    ctx.db,
    sql`SELECT cancel_requested_at IS NOT NULL AS "cancelRequested" FROM agent_execution
        WHERE id = ${id}::uuid AND fence = ${fence} AND status = 'running'`,
  );
  return rows[0] ?? null;
}
