import { expect, it } from "vitest";
import { makeTab, type TabState } from "./tab.ts";

function harness(hidden = false) {
  let timer: (() => void) | null = null;
  const seen: TabState[] = [];
  const tab = makeTab({
    hidden: () => hidden,
    later: (_ms, run) => {
      timer = run;
      return () => {
        timer = null;
      };
    },
  });
  tab.watch((state) => seen.push(state));
  const hide = (value: boolean) => {
    hidden = value;
    tab.heard("visibilitychange");
  };
  return { tab, seen, hide, elapse: () => timer?.(), waits: () => timer !== null };
}

it("sleeps when it was hidden for long, not when it was only glanced away from", () => {
  const h = harness();
  h.hide(true);
  h.hide(false);
  expect(h.waits()).toBe(false);
  h.hide(true);
  h.elapse();
  h.hide(false);
  expect(h.seen).toEqual(["hidden", "visible", "hidden", "asleep", "visible"]);
});

it("sleeps when it was opened in the background and nobody came to look at it", () => {
  const h = harness(true);
  expect(h.tab.state()).toBe("hidden");
  h.elapse();
  expect(h.tab.state()).toBe("asleep");
  h.hide(false);
  expect(h.seen).toEqual(["asleep", "visible"]);
});

it("sleeps at once when the browser freezes it, and wakes up only when it is seen", () => {
  const h = harness();
  h.hide(true);
  h.tab.heard("freeze");
  h.tab.heard("resume");
  h.tab.heard("online");
  expect(h.seen).toEqual(["hidden", "asleep"]);
  h.hide(false);
  expect(h.seen.at(-1)).toBe("visible");
});

it("tells that the network is back though the tab was never hidden", () => {
  const h = harness();
  h.tab.heard("online");
  expect(h.seen).toEqual(["visible"]);
});
