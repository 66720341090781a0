import { later } from "./later.ts";

/** `asleep`: hidden for long or frozen by the browser; nothing is received. */
export type TabState = "visible" | "hidden" | "asleep";

/** A tab that was only glanced away from keeps receiving, so that it is up to date when it is looked at again. */
const SLEEP_AFTER = 30_000;

export interface TabPorts {
  readonly hidden: () => boolean;
  /** Runs later; the answer cancels. */
  readonly later: (ms: number, run: () => void) => () => void;
}

export interface Tab {
  state(): TabState;
  /** What the browser said: the name of its event. */
  heard(event: string): void;
  /** Called on each change, and with the same state when the browser came back from somewhere. */
  watch(listener: (state: TabState) => void): () => void;
}

/** What the browser tells of this tab, as one state. */
export function makeTab(ports: TabPorts): Tab {
  const listeners = new Set<(state: TabState) => void>();
  let state: TabState = ports.hidden() ? "hidden" : "visible";
  let cancel: () => void = () => undefined;
  const planSleep = () => {
    cancel = ports.later(SLEEP_AFTER, () => enter("asleep"));
  };
  const enter = (next: TabState, always = false) => {
    if (next === state && !always) return;
    cancel();
    state = next;
    if (next === "hidden") planSleep();
    for (const listener of listeners) listener(next);
  };
  // Opened in the background: nobody says that it is hidden.
  if (state === "hidden") planSleep();
  return {
    state: () => state,
    heard: (event) => {
      if (event === "freeze" || event === "pagehide") return enter("asleep");
      // Thawed or online behind another tab is no reason to wake up.
      if (!ports.hidden()) enter("visible", event !== "visibilitychange");
      else if (state === "visible") enter("hidden");
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function browserTab(): Tab {
  if (typeof document === "undefined") return makeTab({ hidden: () => false, later });
  const tab = makeTab({ hidden: () => document.hidden, later });
  for (const event of ["visibilitychange", "freeze", "resume"]) {
    document.addEventListener(event, () => tab.heard(event));
  }
  for (const event of ["pagehide", "pageshow", "online"]) {
    window.addEventListener(event, () => tab.heard(event));
  }
  return tab;
}

export const tab = browserTab();
