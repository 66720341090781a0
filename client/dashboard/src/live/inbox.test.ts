import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { Inbox } from "./inbox.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

it("gives each event once and in order, and lets go of what was applied though it is never empty", async () => {
  const inbox = new Inbox<{ readonly nth: number }>();
  const applied: WeakRef<object>[] = [];
  const taken: number[] = [];
  const take = (count: number) => {
    for (const event of inbox.take(count)) {
      taken.push(event.nth);
      applied.push(new WeakRef(event));
    }
  };
  for (let came = 0; came < 10_000; came += 100) {
    const events = Array.from({ length: 100 }, (_, nth) => ({ nth: came + nth }));
    inbox.add(events, (event) => [event]);
    take(came === 0 ? 50 : 100);
  }
  expect(inbox.size).toBe(50);
  await setImmediate();
  collect();
  expect(applied.filter((event) => event.deref()).length).toBeLessThan(2_000);
  take(50);
  expect(taken).toEqual(Array.from({ length: 10_000 }, (_, nth) => nth));
});
