import { executeRaw, queryRaw, sql } from "@shiplog/db";
import type { StreamKind } from "../actor.ts";
import type { Context } from "../context.ts";
import { transact } from "../transaction.ts";

export interface PruneStreamsInput {
  /** UUID. */
  readonly projectId: string;
  readonly kind: StreamKind;
  /** What is younger stays. */
  readonly before: Date;
  /** Most events that one call takes; a transaction of a bounded length. */
  readonly limit: number;
}

/**
 * Takes old events from the beginning of a project's streams of one kind and moves their first seq; answers how many
 * went, and is to be called again while that is `limit`. The log of an execution goes as a whole, when it has ended and
 * its last event is old; that of a project up to the first event that is younger. Seqs never move and heads stay, so who
 * comes with a position that is gone gets `reset`. What was too large for an event goes with it.
 */
export async function pruneStreams(ctx: Context, input: PruneStreamsInput): Promise<number> {
  return transact(ctx, async (tx) => {
    let left = input.limit;
    for (const { streamId } of await oldHeads(tx, input)) {
      if (left > 0) left -= await pruneStream(tx, streamId, input.before, left);
    }
    return input.limit - left;
  });
}

/**
 * Each has an event to take, so that as many as there may be events are enough. Their rows are locked, as an append locks
 * them, so that a reader sees the events and the first seq of one moment; one that is being written to is left for the
 * next time.
 */
function oldHeads(
  tx: Context,
  { projectId, kind, before, limit }: PruneStreamsInput,
): Promise<{ streamId: string }[]> {
  const [ended, deciding] =
    kind === "project"
      ? [sql`true`, sql`ORDER BY e.seq LIMIT 1`]
      : [sql`h.ended`, sql`ORDER BY e.seq DESC LIMIT 1`];
  return queryRaw<{ streamId: string }>(
    tx.db,
    sql`SELECT h.stream_id AS "streamId" FROM stream_head h
        CROSS JOIN LATERAL (SELECT at FROM stream_event e
          WHERE e.stream_id = h.stream_id AND e.seq >= h.first_seq ${deciding}) e
        WHERE h.project_id = ${projectId}::uuid AND h.kind = ${kind}::stream_kind AND ${ended}
          AND h.first_seq <= h.seq AND e.at < ${before}::timestamptz
        ORDER BY h.stream_id LIMIT ${limit} FOR UPDATE OF h SKIP LOCKED`,
  );
}

interface Gone {
  readonly seq: number;
  readonly contentId: string | null;
}

async function pruneStream(tx: Context, streamId: string, before: Date, limit: number): Promise<number> {
  const gone = await queryRaw<Gone>(
    tx.db,
    sql`WITH oldest AS (
          SELECT seq, bool_and(at < ${before}::timestamptz) OVER (ORDER BY seq) AS old FROM (
            SELECT seq, at FROM stream_event WHERE stream_id = ${streamId}::uuid ORDER BY seq LIMIT ${limit}) page
        )
        DELETE FROM stream_event e USING oldest
        WHERE e.stream_id = ${streamId}::uuid AND e.seq = oldest.seq AND oldest.old
        RETURNING e.seq, e.data->>'contentId' AS "contentId"`,
  );
  if (gone.length === 0) return 0;
  const firstSeq = 1 + Math.max(...gone.map(({ seq }) => seq));
  await executeRaw(
    tx.db,
    sql`UPDATE stream_head SET first_seq = ${firstSeq} WHERE stream_id = ${streamId}::uuid`,
  );
  const contents = gone.flatMap(({ contentId }) => contentId ?? []);
  if (contents.length > 0) {
    await executeRaw(
      tx.db,
      sql`DELETE FROM event_content WHERE stream_id = ${streamId}::uuid AND id::text = ANY(${contents})`,
    );
  }
  return gone.length;
}
