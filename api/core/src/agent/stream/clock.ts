import type { Clock } from "../../ports.ts";

/** A clock that stands still within one transaction: the row, its events and the text window share an instant. */
export interface PinnedClock extends Clock {
  /** The next `now` reads the time anew. */
  reset(): void;
}

export function pinClock(clock: Clock): PinnedClock {
  let pinned: Date | null = null;
  return {
    now() {
      pinned ??= clock.now();
      return pinned;
    },
    reset() {
      pinned = null;
    },
  };
}
