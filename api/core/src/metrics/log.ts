import type { Context } from "../context.ts";
import { InvalidInputError } from "../errors.ts";
import { type Batch, decodeCursor, encodeCursor, readEvents, readHeads } from "../live/index.ts";

const USUAL = 100;
const MOST = 500;

/**
 * One page of an execution's log, for callers that have checked that the actor may read it. A cursor of another
 * stream or database, or one behind what was pruned, answers like the live stream: `reset`, from the head. Two
 * statements.
 */
export async function executionPage(
  ctx: Context,
  executionId: string,
  args: { readonly after?: string | null; readonly first?: number | null },
): Promise<Batch> {
  const first = args.first ?? USUAL;
  if (first < 1 || first > MOST) throw new InvalidInputError(`A page holds 1 to ${MOST} events.`);
  const [stream] = await readHeads(ctx.db, [executionId]);
  const head = stream?.seq ?? 0;
  const at = (seq: number) => encodeCursor({ streamId: executionId, seq, epoch: ctx.epoch });
  const start = args.after == null ? 0 : startOf(ctx, executionId, args.after, head, stream?.firstSeq ?? 1);
  if (start === null) return { events: [], cursor: at(head), caughtUp: true, reset: true };
  const events = await readEvents(ctx.db, executionId, start, first);
  const last = events.at(-1)?.seq ?? start;
  return { events, cursor: at(last), caughtUp: events.length < first || last >= head, reset: false };
}

function startOf(ctx: Context, id: string, after: string, head: number, firstSeq: number): number | null {
  const cursor = decodeCursor(after);
  const known = cursor?.streamId === id && cursor.epoch === ctx.epoch;
  return known && cursor.seq <= head && cursor.seq >= firstSeq - 1 ? cursor.seq : null;
}
