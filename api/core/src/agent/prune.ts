import { executeRaw, sql } from "@shiplog/db";
import type { Context } from "../context.ts";

/**
 * Deletes the text deltas that a whole message of an ended execution (UUID) stands for; answers how many. Seqs stay as
 * they are: the message's `fromSeq` says from where on pieces may be missing. Text that no message closed is kept, for
 * it is all there is. Repeating it changes nothing.
 */
export async function pruneDeltas(ctx: Context, input: { readonly id: string }): Promise<number> {
  return executeRaw(
    ctx.db,
    sql`DELETE FROM stream_event d USING agent_execution e
        WHERE e.id = ${input.id}::uuid AND e.status IN ('completed', 'failed', 'cancelled')
          AND d.stream_id = e.id AND d.type = 'AgentTextDelta' AND EXISTS (
            SELECT FROM stream_event m WHERE m.stream_id = d.stream_id AND m.type = 'AgentMessage' AND m.seq > d.seq
              AND m.data->>'messageId' = d.data->>'messageId')`,
  );
}
