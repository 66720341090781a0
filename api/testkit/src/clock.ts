import type { Clock } from "@shiplog/core";

/** A clock that stands still until the test moves it. */
export interface TestClock extends Clock {
  /** Moves it on by that many milliseconds. */
  advance(ms: number): void;
}

/** Starts at `start`, by default a fixed moment. */
export function createTestClock(start: Date | string = "2026-03-02T09:00:00.000Z"): TestClock {
  let at = new Date(start).getTime();
  return {
    now: () => new Date(at),
    advance: (ms) => {
      at += ms;
    },
  };
}
