import { createRoot, createSignal } from "solid-js";
import type { StreamState } from "./stream.ts";

interface Entry {
  readonly state: StreamState;
  readonly retry: () => void;
}

const RANK: Record<StreamState["phase"], number> = {
  offline: 5,
  reconnecting: 4,
  connecting: 3,
  "catching-up": 2,
  live: 1,
  denied: 0,
  asleep: 0,
  ended: 0,
};

const [entries, setEntries] = createRoot(() => createSignal<ReadonlyMap<symbol, Entry>>(new Map()));

/** The worst state of all open streams of this tab; null when none is open. */
export function connectionState(): StreamState | null {
  let worst: StreamState | null = null;
  for (const { state } of entries().values()) {
    if (RANK[state.phase] === 0) continue;
    if (!worst || RANK[state.phase] > RANK[worst.phase]) worst = state;
  }
  return worst;
}

/** Tries again at once, all that wait. */
export function retryAll(): void {
  for (const { state, retry } of entries().values()) {
    if (state.phase === "reconnecting" || state.phase === "offline") retry();
  }
}

export function setStreamState(key: symbol, state: StreamState | null, retry: () => void): void {
  setEntries((old) => {
    const next = new Map(old);
    if (state) next.set(key, { state, retry });
    else next.delete(key);
    return next;
  });
}
