import { openSubject } from "../arena.ts";
import type { Row, Setting } from "../figure.ts";
import { PLAN, type Plan } from "../plan.ts";
import { percentile, spread } from "../stats.ts";

const RUNS = 50;
const PERIOD_MS = 15_000;
const OFFLINE_MS = 2_000;
const PER_SECOND = 100;

/** G6: every socket is killed in every 15 s and comes back after 2 s, while events go on. */
export async function resume(setting: Setting): Promise<Row[]> {
  const clients = setting.quick ? 200 : 1_000;
  const durationMs = setting.quick ? PERIOD_MS : 3 * PERIOD_MS;
  const { subject, load } = await openSubject(setting, { runs: RUNS, clients, resumes: true });
  const plan: Plan = {
    ...PLAN,
    streams: RUNS,
    everyMs: 1e3 / PER_SECOND,
    ticks: ((durationMs + OFFLINE_MS) / 1e3) * PER_SECOND,
    piece: "x".repeat(80),
    numbered: true,
  };
  const name = "subject";
  const streams = Array.from({ length: clients }, (_, i) => i % RUNS);
  await load.call("begin", { name, plan });
  const [kills] = await Promise.all([
    load.call("churn", { name, periodMs: PERIOD_MS, offlineMs: OFFLINE_MS, durationMs }),
    subject.write(plan, "watched", 150_000),
  ]);
  const pieces = (plan.ticks * clients) / RUNS;
  // What is missing after that is missing for good, and counted below.
  await load.call("arrived", { name, pieces, timeoutMs: 15_000 }).catch(() => {});
  const gaps = await load.call("gaps", { name, plan, streams });
  const replays = await load.call("replays", { name });
  // All at once, a piece of history behind each, as when a server is exchanged.
  const stormPlan = { ...plan, ticks: PER_SECOND };
  await load.call("begin", { name, plan: stormPlan });
  await Promise.all([
    load.call("storm", { name, offlineMs: OFFLINE_MS }),
    subject.write(stormPlan, "watched"),
  ]);
  await load
    .call("arrived", { name, pieces: (stormPlan.ticks * clients) / RUNS, timeoutMs: 15_000 })
    .catch(() => {});
  const afterStorm = await load.call("gaps", { name, plan: stormPlan, streams });
  const together = await load.call("replays", { name });
  const one = (value: number) => spread([value]);
  const base = { figure: "G6", control: null, ratio: null } as const;
  const delivered =
    100 * Math.min(gaps.delivered / gaps.expected, afterStorm.delivered / afterStorm.expected);
  return [
    {
      ...base,
      measure: `delivered, ${clients} clients, every socket killed each 15 s (${kills} kills), 2 s offline`,
      unit: "%",
      subject: one(delivered),
      goal: { of: "subject", wants: "most", must: 100, aim: 100 },
      details: {
        "events per second": PER_SECOND,
        streams: RUNS,
        expected: gaps.expected,
        delivered: gaps.delivered,
      },
    },
    {
      ...base,
      measure: "the same: doubled or out of order",
      unit: "events",
      subject: one(gaps.doubled + gaps.disordered + afterStorm.doubled + afterStorm.disordered),
      goal: { of: "subject", wants: "least", must: 0, aim: 0 },
      details: {},
    },
    {
      ...base,
      measure: "the same: replay p99, from the new connection's first packet to the head",
      unit: "ms",
      subject: one(percentile(replays, 0.99)),
      goal: { of: "subject", wants: "least", must: 1_000, aim: 300 },
      details: { "p50 ms": percentile(replays, 0.5), replays: replays.length },
    },
    {
      ...base,
      measure: `replay p99 when all ${clients} come back at the same moment`,
      unit: "ms",
      subject: one(percentile(together, 0.99)),
      goal: null,
      details: { "p50 ms": percentile(together, 0.5), replays: together.length },
    },
  ];
}
