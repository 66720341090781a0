import { expect, it } from "vitest";
import { makeFrame } from "./frame.ts";
import { makeTab } from "./tab.ts";

it("flushes once per frame, not at all while hidden, and once when seen again", () => {
  let hidden = false;
  let frames: (() => void)[] = [];
  let flushed = 0;
  const tab = makeTab({ hidden: () => hidden, later: () => () => undefined });
  const frame = makeFrame(() => (flushed += 1), {
    tab,
    next: (run) => {
      frames.push(run);
      return () => {
        frames = frames.filter((one) => one !== run);
      };
    },
  });
  const draw = () => {
    for (const run of frames.splice(0)) run();
  };
  const hide = (value: boolean) => {
    hidden = value;
    tab.heard("visibilitychange");
  };
  frame.ask();
  frame.ask();
  draw();
  draw();
  expect(flushed).toBe(1);
  frame.ask();
  hide(true);
  draw();
  frame.ask();
  draw();
  expect(flushed).toBe(1);
  hide(false);
  draw();
  draw();
  expect(flushed).toBe(2);
  frame.ask();
  frame.dispose();
  draw();
  expect(flushed).toBe(2);
});
