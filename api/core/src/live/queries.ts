import { type DbOrTx, prepared, queryRaw, sql } from "@shiplog/db";
import type { StreamKind } from "../actor.ts";
import type { Json } from "../ports.ts";

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
  /** Size of `data` as JSON text. */
  readonly bytes: number;
}

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
    prepared(sql`SELECT stream_id AS "streamId", kind::text, project_id AS "projectId", seq, first_seq AS "firstSeq", ended
        FROM stream_head WHERE stream_id = ANY(${streamIds}::uuid[])`),
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
    sql`SELECT seq, at, type, data, octet_length(data::text) AS bytes FROM stream_event
        WHERE stream_id = ${streamId}::uuid AND seq > ${afterSeq} ORDER BY seq LIMIT ${limit}`,
  );
}

interface PageRow extends StoredEvent {
  readonly streamId: string;
  readonly head: number;
  readonly firstSeq: number;
  readonly ended: boolean;
  readonly found: number | null;
}

/** A stream without a head is empty. */
export const NO_STREAM: Page = { head: 0, firstSeq: 1, ended: false, events: [], toHead: true };

/** Behind every event: asks for the head alone. */
export const HEAD_ONLY = 2 ** 31 - 1;

/** Which streams to read, and behind which seq. */
export interface PageRequest {
  readonly streamId: string;
  readonly after: number;
}

/**
 * The next page of each stream, heads and events in one statement whatever the number of streams, so that both
 * are of one snapshot: a page that says it reaches the head does. A stream without a head is absent.
 */
export async function readPages(db: DbOrTx, requests: readonly PageRequest[]): Promise<Map<string, Page>> {
  const ids = requests.map((request) => request.streamId);
  const afters = requests.map((request) => request.after);
  const rows = await queryRaw<PageRow>(
    db,
    prepared(sql`SELECT h.stream_id AS "streamId", h.seq AS head, h.first_seq AS "firstSeq", h.ended,
               e.seq, e.at, e.type, e.data, e.bytes, e.found
        FROM unnest(${ids}::uuid[], ${afters}::int[]) AS w(id, after)
        JOIN stream_head h ON h.stream_id = w.id LEFT JOIN LATERAL (
          SELECT seq, at, type, data, size AS bytes, found FROM (
            SELECT *, count(*) OVER ()::int AS found, sum(size) OVER (ORDER BY seq) - size AS before FROM (
              SELECT seq, at, type, data, octet_length(data::text) AS size FROM stream_event
              WHERE stream_id = h.stream_id AND seq > w.after AND h.seq > w.after
              ORDER BY seq LIMIT ${PAGE_EVENTS}) page
          ) sized WHERE before < ${PAGE_BYTES}
        ) e ON true ORDER BY h.stream_id, e.seq`),
  );
  const byStream = Map.groupBy(rows, (row) => row.streamId);
  return new Map([...byStream].map(([id, of]) => [id, pageOf(of)]));
}

function pageOf(rows: readonly PageRow[]): Page {
  const [first] = rows;
  if (!first) return NO_STREAM;
  const { head, firstSeq, ended, found } = first;
  const events =
    found === null ? [] : rows.map(({ seq, at, type, data, bytes }) => ({ seq, at, type, data, bytes }));
  const toHead =
    events.at(-1)?.seq === head || (events.length === (found ?? 0) && events.length < PAGE_EVENTS);
  return { head, firstSeq, ended, events, toHead };
}
