import { executeRaw, queryRaw, sql } from "@shiplog/db";
import type { Context } from "../context.ts";

/** So long a finished message of a run that goes on leaves its pieces to those who watch it being written (ms). */
const WATCHED_MS = 60_000;

/**
 * Deletes the text deltas that a whole message of an execution (UUID) stands for, of one that goes on those whose message
 * has been there for a minute; answers how many. Seqs stay as they are: the message's `fromSeq` says from where on pieces
 * may be missing. Text that no message closed is kept, for it is all there is. Repeating it changes nothing.
 */
export async function pruneDeltas(ctx: Context, input: { readonly id: string }): Promise<number> {
  const finishedBefore = new Date(ctx.clock.now().getTime() - WATCHED_MS);
  return executeRaw(
    ctx.db,
    sql`DELETE FROM stream_event d USING agent_execution e
        WHERE e.id = ${input.id}::uuid AND d.stream_id = e.id AND d.type = 'AgentTextDelta' AND EXISTS (
          SELECT FROM stream_event m WHERE m.stream_id = d.stream_id AND m.type = 'AgentMessage' AND m.seq > d.seq
            AND m.data->>'messageId' = d.data->>'messageId'
            AND (e.status IN ('completed', 'failed', 'cancelled') OR m.at < ${finishedBefore}::timestamptz))`,
  );
}

const PAGE = 100;

/**
 * The same for every run that goes on, one statement each: the log of one that takes hours would otherwise hold each
 * piece until its end. Answers how many deltas went; a run that is cut off loses nothing.
 */
export async function compactRunning(ctx: Context, signal?: AbortSignal): Promise<number> {
  let deleted = 0;
  for (let after = FIRST_ID; !signal?.aborted; ) {
    const runs = await queryRaw<{ id: string }>(
      ctx.db,
      sql`SELECT id FROM agent_execution WHERE status IN ('running', 'waiting_approval') AND id > ${after}::uuid
          ORDER BY id LIMIT ${PAGE}`,
    );
    for (const { id } of runs) if (!signal?.aborted) deleted += await pruneDeltas(ctx, { id });
    const last = runs.at(-1);
    if (!last || runs.length < PAGE) break;
    after = last.id;
  }
  return deleted;
}

const FIRST_ID = "00000000-0000-0000-0000-000000000000";
