import { type Arena, deliveries, openArena, sampleFrame } from "../arena.ts";
import { alternate } from "../blocks.ts";
import type { Row, Setting } from "../figure.ts";
import { PLAN, type Plan } from "../plan.ts";
import type { Frame } from "../process/broadcaster.ts";
import { ratios, spread } from "../stats.ts";

const RUNS = 50;
const CLIENTS = 20;
const PER_SECOND = 500;

interface Timed {
  readonly p50: number;
  readonly p99: number;
  /** Server and database (us per event). */
  readonly cpuUs: number;
}

/** Commit to frame of everything that one block delivers. */
async function timed(
  arena: Arena,
  options: {
    readonly group: "control" | "subject";
    readonly plan: Plan;
    readonly cpuUs: () => Promise<number>;
    readonly work: () => Promise<Float64Array>;
  },
): Promise<Timed> {
  const { load } = arena;
  const { group: name, plan, cpuUs, work } = options;
  await load.call("begin", { name, plan });
  const before = await cpuUs();
  const commits = await work();
  await load.call("arrived", { name, pieces: deliveries(arena, plan), timeoutMs: 30_000 });
  const spent = (await cpuUs()) - before;
  const { p50, p99 } = await load.call("latency", { name, commits });
  return { p50, p99, cpuUs: spent / commits.length };
}

/** G5: 500 events a second over fifty streams, each committed, to twenty clients of each stream. */
export async function latency(setting: Setting): Promise<Row[]> {
  const { database } = setting;
  const arena = await openArena(setting, { runs: RUNS, clients: RUNS * CLIENTS, insert: true });
  const { subject, control } = arena;
  // Of a shorter block one pause of the machine is the whole p99.
  const seconds = setting.quick ? 1 : 12;
  const everyMs = 1e3 / PER_SECOND;
  const plan: Plan = {
    ...PLAN,
    streams: RUNS,
    ticks: seconds * PER_SECOND,
    everyMs,
    piece: "x".repeat(80),
    numbered: true,
  };
  const frame: Frame = await sampleFrame(arena, plan);
  const measure = (group: "control" | "subject") => {
    const server = group === "control" ? control : subject.process;
    const cpuUs = async () => (await server.call("cpu")) + database.cpuUs();
    const work = () =>
      group === "control" ? control.call("insertAndSend", { plan, frame }) : subject.write(plan, "watched");
    return timed(arena, { group, plan, cpuUs, work });
  };
  await measure("control");
  await measure("subject");
  const measured = await alternate(setting.rounds, ["control", "subject"], measure);
  const of = (kind: "control" | "subject", what: keyof Timed) => measured[kind].map((block) => block[what]);
  const middle = (kind: "control" | "subject", what: keyof Timed) => spread(of(kind, what)).median;
  return [
    {
      figure: "G5",
      measure: `commit to frame p99, ${RUNS} streams of ${CLIENTS} clients, ${PER_SECOND} events/s in all; against pg insert and ws broadcast`,
      unit: "ms",
      control: spread(of("control", "p99")),
      subject: spread(of("subject", "p99")),
      ratio: spread(ratios(of("subject", "p99"), of("control", "p99"))),
      goal: { of: "ratio", wants: "least", must: 2, aim: 1.3 },
      details: {
        "control, p50 ms": middle("control", "p50"),
        "subject, p50 ms": middle("subject", "p50"),
        "control, CPU us of server and database per event": middle("control", "cpuUs"),
        "subject, CPU us of server and database per event": middle("subject", "cpuUs"),
      },
    },
  ];
}
