import { expect, it } from "vitest";
import { makePace, type Turn } from "./pace.ts";

function harness() {
  let time = 0;
  let timers: { at: number; run: () => void }[] = [];
  const messages: { at: number; name: string; opens: boolean }[] = [];
  const pace = makePace({
    now: () => time,
    later: (ms, run) => {
      timers.push({ at: time + ms, run });
      return () => undefined;
    },
  });
  const tell = (name: string, opens: boolean) => messages.push({ at: time, name, opens });
  const open = (name: string) =>
    pace.open(() => {
      tell(name, true);
      return () => tell(name, false);
    });
  return {
    pace,
    messages,
    open,
    page: (name: string, size: number) => Array.from({ length: size }, (_, nth) => open(`${name}${nth}`)),
    leave: (turns: readonly Turn[]) => {
      for (const turn of turns) turn.close();
    },
    pass: (ms: number) => {
      const until = time + ms;
      for (;;) {
        const due = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        timers = timers.filter((one) => one !== due);
        time = due.at;
        due.run();
      }
      time = until;
    },
    running: () =>
      messages.filter(({ opens }) => opens).length - messages.filter(({ opens }) => !opens).length,
  };
}

it("sends what is wanted, not more than the server takes, however often somebody goes back and forth", () => {
  const h = harness();
  for (let visit = 0; visit < 8; visit++) {
    const overview = h.page(`overview ${visit} `, 40);
    h.pass(600);
    expect(h.running()).toBeLessThanOrEqual(50);
    h.leave(overview);
    const run = h.open(`run ${visit}`);
    h.pass(600);
    run.close();
  }
  const last = h.page("last ", 40);
  h.pass(30_000);
  for (const { at } of h.messages)
    expect(h.messages.filter((one) => one.at >= at && one.at < at + 10_000).length).toBeLessThanOrEqual(110);
  expect(h.running()).toBe(40);
  h.leave(last);
  h.pass(10_000);
  expect(h.running()).toBe(0);
  const names = h.messages.map(({ name, opens }) => `${name} ${opens}`);
  expect(new Set(names).size).toBe(names.length);
});

it("opens the next page at once though the one before cannot be closed yet", () => {
  const h = harness();
  for (const name of ["first ", "second "]) h.leave(h.page(name, 30));
  const third = h.page("third ", 2);
  const opened = () => h.messages.filter(({ name, opens }) => opens && name.startsWith("third"));
  expect(opened()).toHaveLength(2);
  expect(h.running()).toBeGreaterThan(30);
  h.pass(10_000);
  expect(h.running()).toBe(2);
  h.leave(third);
  expect(h.running()).toBe(0);
});

it("counts anew on another socket", () => {
  const h = harness();
  const turns = h.page("a ", 40);
  h.leave(h.page("b ", 5));
  h.leave(turns.slice(0, 38));
  expect(h.messages).toHaveLength(85);
  h.pace.renew();
  expect(h.messages).toHaveLength(88);
  expect(h.running()).toBe(2);
});

it("has room again for what ended by itself, and sends nothing for it", () => {
  const h = harness();
  const turns = h.page("a ", 50);
  expect(h.messages).toHaveLength(45);
  turns[0]?.ended();
  turns[49]?.close();
  expect(h.messages.map(({ name }) => name)).toEqual(Array.from({ length: 46 }, (_, nth) => `a ${nth}`));
});
