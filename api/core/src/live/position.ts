import type { Feed, Slice } from "./feed.ts";
import type { StoredEvent } from "./queries.ts";

/** A piece of a stream as a reader gets it. */
export interface Batch {
  readonly events: readonly StoredEvent[];
  /** Everything up to here was delivered; pass it as `after` to go on from here. */
  readonly cursor: string;
  /** This batch ends at the head. */
  readonly caughtUp: boolean;
  /** The position asked for is not to be had: reload the state; the stream goes on from the head. */
  readonly reset: boolean;
}

/** Where a reader begins: behind a seq, so many events before the head, or where it cannot. */
export type Start = { readonly after: number } | { readonly tail: number } | "lost";

/**
 * The seq behind which a new reader goes on, of a feed that was read since it came; null: it has to reload.
 * `replayLimit`: who comes with a position further behind the head is told to reload instead.
 */
export function beginAt(feed: Feed, start: Start, replayLimit: number): number | null {
  if (start === "lost") return null;
  if ("tail" in start) return Math.max(feed.seq - start.tail, feed.firstSeq - 1, 0);
  const { after } = start;
  return feed.holds(after) && feed.seq - after <= replayLimit ? after : null;
}

/** The batch of a slice; `epoch` of the database. */
export function batchOf(feed: Feed, slice: Slice, epoch: string): Batch {
  const cursor = feed.cursorAt(slice.to, epoch);
  return { events: slice.events, cursor, caughtUp: slice.to === feed.seq && !feed.behind, reset: false };
}

/** The batch that sends a reader to the head. */
export function resetBatch(feed: Feed, epoch: string): Batch {
  const cursor = feed.cursorAt(feed.seq, epoch);
  return { events: [], cursor, caughtUp: true, reset: true };
}
