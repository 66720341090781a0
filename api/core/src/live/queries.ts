import { type DbOrTx, queryRaw, sql } from "@shiplog/db";
import type { Json } from "../ports.ts";
import type { StreamKind } from "./append.ts";

/** A page of a stream holds at most so many events, and so many bytes of their data (but always one event). */
export const PAGE_EVENTS = 500;
export const PAGE_BYTES = 256 * 1024;

export interface StreamHead {
  readonly streamId: string;
  readonly kind: StreamKind;
  readonly projectId: string;
  /** Last seq given; 0 = empty. */
  readonly seq: number;
  /** First seq still kept. */
  readonly firstSeq: number;
  /** The terminal event is in the log. */
  readonly ended: boolean;
}

export interface StoredEvent {
  readonly seq: number;
  readonly at: Date;
  readonly type: string;
  readonly data: Json;
}

/** Where a page begins: after a seq, or so many events before the head. */
export type PageStart = { readonly after: number } | { readonly tail: number };

/** A piece of a stream together with its head, both of one moment. */
export interface Page {
  readonly head: number;
  readonly firstSeq: number;
  readonly ended: boolean;
  readonly events: readonly StoredEvent[];
  /** Nothing lies between the last of `events` and the head. */
  readonly toHead: boolean;
}

/** One statement; a stream without a head is absent from the answer. */
export async function readHeads(db: DbOrTx, streamIds: readonly string[]): Promise<StreamHead[]> {
  return queryRaw<StreamHead>(
    db,
    sql`SELECT stream_id AS "streamId", kind::text, project_id AS "projectId", seq, first_seq AS "firstSeq", ended
        FROM stream_head WHERE stream_id = ANY(${streamIds}::uuid[])`,
  );
}

/** Events after `afterSeq` in order, at most `limit`. */
export async function readEvents(
  db: DbOrTx,
  streamId: string,
  afterSeq: number,
  limit: number,
): Promise<StoredEvent[]> {
  return queryRaw<StoredEvent>(
    db,
    sql`SELECT seq, at, type, data FROM stream_event
        WHERE stream_id = ${streamId}::uuid AND seq > ${afterSeq} ORDER BY seq LIMIT ${limit}`,
  );
}

interface PageRow extends StoredEvent {
  readonly head: number;
  readonly firstSeq: number;
  readonly ended: boolean;
  readonly found: number | null;
}

const NO_STREAM: Page = { head: 0, firstSeq: 1, ended: false, events: [], toHead: true };

/**
 * Head and events in one statement, so that both are of one snapshot: a page that says it reaches the head does.
 * A stream without a head is empty.
 */
export async function readPage(db: DbOrTx, streamId: string, start: PageStart): Promise<Page> {
  const from = "after" in start ? sql`${start.after}::int` : sql`h.seq - ${start.tail}::int`;
  const rows = await queryRaw<PageRow>(
    db,
    sql`SELECT h.seq AS head, h.first_seq AS "firstSeq", h.ended, e.seq, e.at, e.type, e.data, e.found
        FROM stream_head h LEFT JOIN LATERAL (
          SELECT seq, at, type, data, found FROM (
            SELECT *, count(*) OVER ()::int AS found, sum(size) OVER (ORDER BY seq) - size AS before FROM (
              SELECT seq, at, type, data, octet_length(data::text) AS size FROM stream_event
              WHERE stream_id = h.stream_id AND seq > ${from} ORDER BY seq LIMIT ${PAGE_EVENTS}) page
          ) sized WHERE before < ${PAGE_BYTES}
        ) e ON true WHERE h.stream_id = ${streamId}::uuid ORDER BY e.seq`,
  );
  const [first] = rows;
  if (!first) return NO_STREAM;
  const { head, firstSeq, ended, found } = first;
  const events = found === null ? [] : rows.map(({ seq, at, type, data }) => ({ seq, at, type, data }));
  const toHead =
    events.at(-1)?.seq === head || (events.length === (found ?? 0) && events.length < PAGE_EVENTS);
  return { head, firstSeq, ended, events, toHead };
}
