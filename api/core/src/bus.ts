import type { Bus, WakeListener } from "./ports.ts";

/** What a bus that reaches other processes builds on: it hears of them with `null`. */
export interface LocalBus extends Bus {
  /** Another process wrote, or wake-ups were lost: anything may have grown. */
  wakeAll(): void;
}

/** The bus within one process: calls its listeners synchronously, in the order they came. */
export function createLocalBus(): LocalBus {
  const wakes = new Set<WakeListener>();
  const changes = new Set<() => void>();
  return {
    wake: (streamIds, committed) => emit(wakes, streamIds, committed),
    wakeAll: () => emit(wakes, null),
    onWake: (listener) => add(wakes, listener),
    accessChanged: () => emit(changes),
    onAccessChanged: (listener) => add(changes, listener),
  };
}

function add<L>(set: Set<L>, listener: L): () => void {
  set.add(listener);
  return () => void set.delete(listener);
}

/** Over a copy: a listener may remove itself or add another while it is called. */
function emit<A extends unknown[]>(set: ReadonlySet<(...args: A) => void>, ...args: A): void {
  for (const listener of [...set]) listener(...args);
}
