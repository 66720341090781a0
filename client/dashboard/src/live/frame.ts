import { tab as browserTab, type Tab } from "./tab.ts";

export interface FramePorts {
  readonly tab: Tab;
  /** Runs before the next frame is drawn; the answer cancels. */
  readonly next: (run: () => void) => () => void;
}

const browser: FramePorts = {
  tab: browserTab,
  next: (run) => {
    const frame = requestAnimationFrame(run);
    return () => cancelAnimationFrame(frame);
  },
};

/** Runs `flush` once per animation frame however often it is asked; never while nobody looks at the tab. */
export function makeFrame(
  flush: () => void,
  { tab, next }: FramePorts = browser,
): { ask(): void; dispose(): void } {
  let asked = false;
  let cancel: (() => void) | undefined;
  const plan = () => {
    if (!asked || cancel || tab.state() !== "visible") return;
    cancel = next(() => {
      cancel = undefined;
      if (tab.state() !== "visible") return;
      asked = false;
      flush();
    });
  };
  const forget = tab.watch(plan);
  return {
    ask: () => {
      asked = true;
      plan();
    },
    dispose: () => {
      asked = false;
      forget();
      cancel?.();
    },
  };
}
