import { last, prepared, queryRaw, sql } from "@shiplog/db";
import type { StreamKind } from "../actor.ts";
import { storableJson } from "../clean.ts";
import type { Context } from "../context.ts";
import type { CommittedEvents, Json } from "../ports.ts";
import { jsonBytes } from "./content.ts";
import { readHeads } from "./queries.ts";

export interface NewEvent {
  /** The GraphQL type name of the event. */
  readonly type: string;
  readonly data: Json;
}

export interface Append {
  readonly kind: StreamKind;
  /** The UUID of the entity the stream tells of. */
  readonly streamId: string;
  readonly projectId: string;
  readonly events: readonly NewEvent[];
  /** The last of these events is terminal: the stream completes after it. Without an event it says nothing. */
  readonly ends?: boolean;
}

/** Filled when the transaction flushes its appends; read it after `transact` has returned. */
export interface Appended {
  /** seq of the last event of this append; for an append without events, the head at that time. */
  lastSeq: number;
}

/** Most bytes of one event as JSON; whoever has more to tell stores it as content (content.ts). */
const EVENT_BYTES = 16 * 1024;

/** Throws for an event that is too large: a fault of its writer, found before anything is written. */
export function assertFits(events: readonly NewEvent[]): void {
  for (const event of events) {
    const bytes = jsonBytes({ ...event });
    if (bytes > EVENT_BYTES)
      throw new Error(`an event ${event.type} of ${bytes} bytes; at most ${EVENT_BYTES} are kept`);
  }
}

export interface PendingAppend extends Append {
  readonly receipt: Appended;
}

/** Everything one transaction appends to one stream, in the order it was recorded. */
interface Growth {
  readonly kind: StreamKind;
  readonly streamId: string;
  readonly projectId: string;
  readonly events: NewEvent[];
  ends: boolean;
}

function byLockOrder(a: Growth, b: Growth): number {
  const rank = Number(a.kind === "project") - Number(b.kind === "project");
  return rank || (a.streamId < b.streamId ? -1 : a.streamId > b.streamId ? 1 : 0);
}

function byStream(pending: readonly PendingAppend[]): Growth[] {
  const growths = new Map<string, Growth>();
  for (const append of pending) {
    if (append.events.length === 0) continue;
    const { kind, streamId, projectId } = append;
    const growth = growths.get(streamId) ?? { kind, streamId, projectId, events: [], ends: false };
    growth.events.push(...append.events);
    growth.ends ||= append.ends ?? false;
    growths.set(streamId, growth);
  }
  return [...growths.values()].sort(byLockOrder);
}

/**
 * Writes the transaction's events: heads locked last, executions in id order, then projects in id order, so
 * that two transactions never wait for each other in a circle; seq is gapless because the head row's lock is
 * held until commit and a rollback takes the head back. One statement whatever the number of events and
 * streams, which ends the transaction, and one before it when an append has no events and only asks for the head.
 * Returns what was appended, for the readers of this process once it is committed.
 */
export async function flushAppends(
  ctx: Context,
  pending: readonly PendingAppend[],
): Promise<CommittedEvents[]> {
  const growths = byStream(pending);
  const at = ctx.clock.now();
  const grown = new Set(growths.map((growth) => growth.streamId));
  const asked = pending.filter(({ streamId }) => !grown.has(streamId)).map(({ streamId }) => streamId);
  const heads = new Map<string, number>();
  if (asked.length > 0) for (const head of await readHeads(ctx.db, asked)) heads.set(head.streamId, head.seq);
  if (growths.length > 0) for (const [id, seq] of await writeEvents(ctx, growths, at)) heads.set(id, seq);
  fillReceipts(pending, heads);
  return growths.map(({ streamId, events, ends }) => {
    const before = (heads.get(streamId) ?? 0) - events.length;
    const numbered = events.map(({ type, data }, i) => ({ seq: before + i + 1, at, type, data }));
    return { streamId, ends, events: numbered };
  });
}

/** From the last append to the first: the head is the last one's seq, and each is that much below the next. */
function fillReceipts(pending: readonly PendingAppend[], heads: ReadonlyMap<string, number>): void {
  const at = new Map(heads);
  for (const append of pending.toReversed()) {
    const seq = at.get(append.streamId) ?? 0;
    append.receipt.lastSeq = seq;
    at.set(append.streamId, seq - append.events.length);
  }
}

/**
 * The upsert locks or creates each head in the order of its input rows; there is no moment between creating a
 * head and locking it, which would let two transactions cross. `back` is how far an event lies below its
 * stream's new head.
 */
async function writeEvents(ctx: Context, growths: readonly Growth[], at: Date): Promise<Map<string, number>> {
  const heads = growths.map((g) => ({
    s: g.streamId,
    k: g.kind,
    p: g.projectId,
    n: g.events.length,
    e: g.ends,
  }));
  const events = growths.flatMap((g) =>
    g.events.map((event, i) => ({
      s: g.streamId,
      back: g.events.length - 1 - i,
      t: event.type,
      d: event.data,
    })),
  );
  const rows = await queryRaw<{ streamId: string; seq: number }>(
    ctx.db,
    last(
      prepared(sql`WITH head AS (
          INSERT INTO stream_head AS h (stream_id, kind, project_id, seq, ended)
          SELECT (v->>'s')::uuid, (v->>'k')::stream_kind, (v->>'p')::uuid, (v->>'n')::int, (v->>'e')::boolean
          FROM jsonb_array_elements(${JSON.stringify(heads)}::jsonb) WITH ORDINALITY AS rows(v, at) ORDER BY at
          ON CONFLICT (stream_id) DO UPDATE SET seq = h.seq + excluded.seq, ended = h.ended OR excluded.ended
          RETURNING stream_id, seq
        ), event AS (
          INSERT INTO stream_event (stream_id, seq, at, type, data)
          SELECT head.stream_id, head.seq - v.back, ${at}::timestamptz, v.t, v.d
          FROM jsonb_to_recordset(${storableJson(events)}::jsonb) AS v(s uuid, back int, t text, d jsonb)
          JOIN head ON head.stream_id = v.s
        )
        SELECT stream_id AS "streamId", seq FROM head`),
    ),
  );
  return new Map(rows.map((row) => [row.streamId, row.seq]));
}
