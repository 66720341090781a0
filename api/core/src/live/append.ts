import { join, queryRaw, sql } from "@shiplog/db";
import type { Context } from "../context.ts";
import type { Json } from "../ports.ts";

export type StreamKind = "agent_execution" | "pipeline_execution" | "project";

export interface NewEvent {
  readonly type: string;
  readonly data: Json;
}

export interface Append {
  readonly kind: StreamKind;
  /** The UUID of the entity the stream tells of. */
  readonly streamId: string;
  readonly projectId: string;
  readonly events: readonly NewEvent[];
  /** The last of these events is terminal: the stream completes after it. */
  readonly ends?: boolean;
}

/** Filled when the transaction flushes its appends; read it after `transact` has returned. */
export interface Appended {
  /** seq of the last event of this append; for an append without events, the head at that time. */
  lastSeq: number;
}

export interface PendingAppend extends Append {
  readonly receipt: Appended;
}

interface HeadRow {
  stream_id: string;
  seq: number;
}

function byLockOrder(a: PendingAppend, b: PendingAppend): number {
  const rank = Number(a.kind === "project") - Number(b.kind === "project");
  return rank || (a.streamId < b.streamId ? -1 : a.streamId > b.streamId ? 1 : 0);
}

async function lockHeads(ctx: Context, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await queryRaw<HeadRow>(
    ctx.db,
    sql`SELECT stream_id, seq FROM stream_head WHERE stream_id = ANY(${ids}::uuid[])
        ORDER BY (kind = 'project'), stream_id FOR UPDATE`,
  );
  return new Map(rows.map((row) => [row.stream_id, row.seq]));
}

async function createHeads(ctx: Context, missing: readonly PendingAppend[]): Promise<void> {
  const values = missing.map((a) => sql`(${a.streamId}::uuid, ${a.kind}::stream_kind, ${a.projectId}::uuid)`);
  await ctx.db.$executeRaw(sql`INSERT INTO stream_head (stream_id, kind, project_id)
    VALUES ${join(values)} ON CONFLICT DO NOTHING`);
}

/**
 * Writes the transaction's events: heads locked last, executions in id order, then projects in id order, so
 * that two transactions never wait for each other in a circle; seq is gapless because the head row's lock is
 * held until commit. At most four statements whatever the number of events.
 * Returns the streams that grew.
 */
export async function flushAppends(ctx: Context, pending: readonly PendingAppend[]): Promise<string[]> {
  const sorted = pending.toSorted(byLockOrder);
  const ids = [...new Set(sorted.map((a) => a.streamId))];
  if (ids.length === 0) return [];
  let heads = await lockHeads(ctx, ids);
  if (heads.size < ids.length) {
    await createHeads(
      ctx,
      sorted.filter((a) => !heads.has(a.streamId)),
    );
    heads = await lockHeads(ctx, ids);
  }
  const ended = new Set<string>();
  const rows: { s: string; q: number; t: string; d: Json }[] = [];
  for (const append of sorted) {
    let seq = heads.get(append.streamId) ?? 0;
    for (const event of append.events)
      rows.push({ s: append.streamId, q: ++seq, t: event.type, d: event.data });
    heads.set(append.streamId, seq);
    append.receipt.lastSeq = seq;
    if (append.ends) ended.add(append.streamId);
  }
  if (rows.length === 0) return [];
  const grown = [...new Set(rows.map((row) => row.s))];
  await insertEvents(ctx, rows);
  await ctx.db.$executeRaw(sql`UPDATE stream_head h SET seq = v.seq, ended = h.ended OR v.stream_id = ANY(${[...ended]}::uuid[])
    FROM unnest(${grown}::uuid[], ${grown.map((id) => heads.get(id) ?? 0)}::int[]) AS v(stream_id, seq)
    WHERE h.stream_id = v.stream_id`);
  return grown;
}

async function insertEvents(ctx: Context, rows: readonly object[]): Promise<void> {
  await ctx.db.$executeRaw(sql`INSERT INTO stream_event (stream_id, seq, at, type, data)
    SELECT s, q, ${ctx.clock.now()}::timestamptz, t, d
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS v(s uuid, q int, t text, d jsonb)`);
}
