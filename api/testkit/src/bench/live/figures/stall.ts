import { setTimeout } from "node:timers/promises";
import { type Arena, openSubject } from "../arena.ts";
import type { Row, Setting } from "../figure.ts";
import { now, PLAN, type Plan } from "../plan.ts";
import type { Memory } from "../process/usage.ts";
import { spread } from "../stats.ts";

/** Large events: the kernel keeps some 4 MB for a client that does not read, and only what is more tells anything. */
const EVENT_BYTES = 8_000;
const EVERY_MS = 80;
/** Between two phases, so that what one leaves behind is not measured in the next. */
const PAUSE_MS = 3_000;

interface Phases {
  readonly clients: number;
  readonly stalled: number;
  /** While some stall; before that nobody does, for as long. */
  readonly stalledMs: number;
  /** Nobody stalls any more. */
  readonly calmMs: number;
}

interface Period {
  readonly from: number;
  readonly until: number;
}

interface Played {
  readonly calm: readonly Period[];
  readonly stalled: Period;
  /** At the beginning, when nobody had stalled for a while, and when some had for as long. */
  readonly memories: readonly [Memory, Memory, Memory];
}

type Part = Pick<Arena, "subject" | "load">;

const NAME = "subject";

async function last(ms: number): Promise<Period> {
  const from = now();
  await setTimeout(ms);
  return { from, until: now() };
}

/** While events are written: some clients stop reading for a while, and read on. */
async function play({ subject, load }: Part, { stalled, calmMs, stalledMs }: Phases): Promise<Played> {
  await setTimeout(PAUSE_MS);
  const begun = await subject.process.call("memory");
  const first = await last(stalledMs);
  const before = await subject.process.call("memory");
  await load.call("stall", { name: NAME, count: stalled, stalled: true });
  await setTimeout(PAUSE_MS);
  const middle = await last(stalledMs - PAUSE_MS);
  const after = await subject.process.call("memory");
  await load.call("stall", { name: NAME, count: stalled, stalled: false });
  await setTimeout(2 * PAUSE_MS);
  return { calm: [first, await last(calmMs)], stalled: middle, memories: [begun, before, after] };
}

/** p99 of the clients that never stalled, in so many parts of a period. */
async function latencies(
  load: Part["load"],
  commits: Float64Array,
  { from, until }: Period,
  options: { readonly parts: number; readonly without: number },
): Promise<number[]> {
  const { parts, without } = options;
  const step = (until - from) / parts;
  const values: number[] = [];
  for (let at = from; values.length < parts; at += step) {
    const { p99 } = await load.call("latency", { name: NAME, commits, from: at, until: at + step, without });
    values.push(p99);
  }
  return values;
}

async function observe(part: Part, phases: Phases) {
  const { subject, load } = part;
  const { clients, stalled, calmMs, stalledMs } = phases;
  const plan: Plan = {
    ...PLAN,
    everyMs: EVERY_MS,
    ticks: Math.ceil((2 * stalledMs + calmMs + 5 * PAUSE_MS) / EVERY_MS),
    piece: "x".repeat(EVENT_BYTES),
    numbered: true,
  };
  await load.call("begin", { name: NAME, plan });
  const [commits, played] = await Promise.all([subject.write(plan, "watched", 240_000), play(part, phases)]);
  // What is missing after that is missing for good, and counted.
  await load.call("arrived", { name: NAME, pieces: plan.ticks * clients, timeoutMs: 20_000 }).catch(() => {});
  const streams = Array.from({ length: clients }, () => 0);
  const gaps = await load.call("gaps", { name: NAME, plan, streams });
  const p99 = (period: Period, parts: number) =>
    latencies(load, commits, period, { parts, without: stalled });
  const calm: number[] = [];
  for (const period of played.calm) calm.push(...(await p99(period, 2)));
  const [begun, before, after] = played.memories;
  // What a busy server grows by in such a time whoever stalls is nothing that the stalled cost.
  const each = (value: (memory: Memory) => number) => {
    const calmly = Math.max(0, value(before) - value(begun));
    return (value(after) - value(before) - calmly) / stalled / 1024;
  };
  return {
    gaps,
    calm: spread(calm),
    stalled: await p99(played.stalled, 5),
    rss: each(({ rss }) => rss),
    used: each(({ heap, external }) => heap + external),
    calmRss: (before.rss - begun.rss) / 1024,
    stalledRss: (after.rss - before.rss) / 1024,
  };
}

/** G7: one client in twenty stops reading for a minute. */
export async function stall(setting: Setting): Promise<Row[]> {
  const clients = setting.quick ? 200 : 600;
  const stalled = clients / 20;
  const phases: Phases = setting.quick
    ? { clients, stalled, stalledMs: 10_000, calmMs: 3_000 }
    : { clients, stalled, stalledMs: 60_000, calmMs: 10_000 };
  const seen = await observe(await openSubject(setting, { runs: 1, clients }), phases);
  const { gaps, calm } = seen;
  return [
    {
      figure: "G7",
      measure: `the others' p99, commit to frame, while ${stalled} of ${clients} clients stall for ${phases.stalledMs / 1e3} s; against nobody stalled`,
      unit: "ms",
      control: calm,
      subject: spread(seen.stalled),
      ratio: spread(seen.stalled.map((value) => value / calm.median)),
      goal: { of: "ratio", wants: "least", must: 1.2, aim: 1.2 },
      details: {
        "events per second": 1e3 / EVERY_MS,
        "bytes of an event": EVENT_BYTES,
        "behind each stalled client, KiB": (phases.stalledMs / EVERY_MS) * (EVENT_BYTES / 1024),
        "delivered in the end, %": (100 * gaps.delivered) / gaps.expected,
        "doubled or out of order": gaps.doubled + gaps.disordered,
      },
    },
    {
      figure: "G7",
      measure: "the same: RSS per stalled client, beyond what the server grew by in as long before",
      unit: "KiB",
      control: null,
      subject: spread([seen.rss]),
      ratio: null,
      goal: { of: "subject", wants: "least", must: 1_024, aim: 64 },
      details: {
        "heap and buffers per stalled client, KiB": seen.used,
        "RSS grew while nobody stalled, KiB": seen.calmRss,
        "RSS grew while some stalled, KiB": seen.stalledRss,
      },
    },
  ];
}
