import type { Bus } from "./ports.ts";

/** What a bus that reaches other processes builds on: it hears of them with `null`. */
export interface LocalBus extends Bus {
  /** Another process wrote, or wake-ups were lost: anything may have grown. */
  wakeAll(): void;
}

/** The bus within one process: calls its listeners synchronously, in the order they came. */
export function createLocalBus(): LocalBus {
  const wakes = new Set<(streamIds: readonly string[] | null) => void>();
  const changes = new Set<() => void>();
  return {
    wake: (streamIds) => emit(wakes, streamIds),
    wakeAll: () => emit(wakes, null),
    onWake: (listener) => add(wakes, listener),
    accessChanged: () => emit(changes, undefined),
    onAccessChanged: (listener) => add(changes, listener),
  };
}

function add<L>(set: Set<L>, listener: L): () => void {
  set.add(listener);
  return () => void set.delete(listener);
}

/** Over a copy: a listener may remove itself or add another while it is called. */
function emit<A>(set: ReadonlySet<(argument: A) => void>, argument: A): void {
  for (const listener of [...set]) listener(argument);
}
