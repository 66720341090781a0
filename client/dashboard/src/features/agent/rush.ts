import { type Accessor, createMemo, createSignal, onCleanup, untrack } from "solid-js";
import { makeFrame } from "../../live/frame.ts";

/** So many new rows within a second are more than anybody reads. */
const ROWS = 8;
const WINDOW = 1_000;

/**
 * Whether a list grows faster than it can be read; false again when it was quiet for a moment. A memo: whoever draws the
 * list knows it before he makes rows of which nobody would read one.
 */
export function createRush(count: Accessor<number>): Accessor<boolean> {
  const [heard, look] = createSignal(undefined, { equals: false });
  let had = untrack(count);
  let since = had;
  let began = performance.now();
  let last = Number.NEGATIVE_INFINITY;
  let quiet: ReturnType<typeof setTimeout> | undefined;
  const calm = () => {
    const left = last + WINDOW - performance.now();
    quiet = left > 0 ? setTimeout(calm, left) : undefined;
    if (left <= 0) look();
  };
  onCleanup(() => clearTimeout(quiet));
  return createMemo(() => {
    heard();
    const now = count();
    const at = performance.now();
    if (now !== had && now - since >= ROWS) {
      last = at;
      quiet ??= setTimeout(calm, WINDOW);
    }
    if (now !== had && at - began >= WINDOW) {
      began = at;
      since = now;
    }
    had = now;
    return at - last < WINDOW;
  });
}

/** Milliseconds of a frame for work that may as well be done in the next one. */
const BUDGET = 6;
const waiting = new Set<() => void>();
let began: number | null = null;

const frame = makeFrame(() => {
  began = performance.now();
  for (const run of waiting) {
    waiting.delete(run);
    run();
    if (performance.now() - began > BUDGET) break;
  }
  if (waiting.size > 0) frame.ask();
  else began = null;
});

/**
 * True when there is room in this frame; otherwise, or when it can wait anyway, `run` is called in one of the
 * next.
 */
export function takeTurn(run: () => void, canWait: boolean): boolean {
  const now = performance.now();
  began ??= now;
  frame.ask();
  if (!canWait && waiting.size === 0 && now - began < BUDGET) return true;
  waiting.add(run);
  return false;
}

export function giveUpTurn(run: () => void): void {
  waiting.delete(run);
}
