import { type DbOrTx, queryRaw, sql } from "@shiplog/db";
import type { Json } from "../ports.ts";
import type { StreamKind } from "./append.ts";

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
