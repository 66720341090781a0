import { alternate } from "../blocks.ts";
import type { Row, Setting } from "../figure.ts";
import type { ClientSpec } from "../load/client.ts";
import { LOAD_CORE, SERVER_CORE } from "../machine.ts";
import type { Broadcaster } from "../process/broadcaster.ts";
import type { Load } from "../process/load.ts";
import type { Memory } from "../process/usage.ts";
import { type Remote, startProcess } from "../rpc.ts";
import { ratios, spread } from "../stats.ts";
import {
  bareClients,
  type Subject,
  seedSubject,
  startLoad,
  startProduct,
  subjectClients,
} from "../subject.ts";

const RUNS = 50;

interface PerClient {
  /** Of those that warm up, what the process itself grows by included. */
  readonly first: number;
  readonly rss: number;
  readonly used: number;
  readonly committed: number;
}

/**
 * Connects some to warm up, then the others, and divides what they added. Until some thousands have connected, a
 * process grows by what no client holds: compiled code, the young generation, pools.
 */
async function grow(
  server: Remote<{ memory: () => Promise<Memory> }>,
  load: Remote<Load>,
  specs: readonly ClientSpec[],
  warm: number,
): Promise<PerClient> {
  const empty = await server.call("memory");
  await load.call("connect", { name: "memory", specs: specs.slice(0, warm) });
  const before = await server.call("memory");
  await load.call("connect", { name: "memory", specs: specs.slice(warm) });
  const after = await server.call("memory");
  await load.call("disconnect", { name: "memory" });
  const count = specs.length - warm;
  const used = after.heap + after.external - before.heap - before.external;
  const each = (bytes: number) => bytes / count / 1024;
  return {
    first: (before.rss - empty.rss) / warm / 1024,
    rss: each(after.rss - before.rss),
    used: each(used),
    committed: each(after.committed - before.committed),
  };
}

async function bare(load: Remote<Load>, count: number, warm: number): Promise<PerClient> {
  const server = startProcess<Broadcaster>({ script: "process/broadcaster.ts", core: SERVER_CORE });
  try {
    const port = await server.call("open", { databaseUrl: null });
    return await grow(server, load, bareClients(port, count, RUNS), warm);
  } finally {
    await server.stop();
  }
}

async function subscribed(
  subject: Subject,
  load: Remote<Load>,
  count: number,
  warm: number,
): Promise<PerClient> {
  return grow(subject.process, load, subjectClients(subject, count), warm);
}

/** G4: what a connected and subscribed client holds in the server's memory, against a bare connection of `ws`. */
export async function memory(setting: Setting): Promise<Row[]> {
  const warm = setting.quick ? 1_000 : 3_000;
  const count = 3 * warm;
  const load = startLoad(LOAD_CORE);
  setting.onEnd(() => load.stop());
  const seeded = await seedSubject(setting.database, { runs: RUNS, clients: count });
  // A process of its own each time: what the one before left behind is no part of it.
  const measured = await alternate(setting.rounds, ["control", "subject"], async (name) => {
    if (name === "control") return bare(load, count, warm);
    const subject = await startProduct(seeded, setting.profile);
    try {
      return await subscribed(subject, load, count, warm);
    } finally {
      await subject.process.stop();
    }
  });
  const rss = (values: readonly PerClient[]) => values.map((value) => value.rss);
  const middle = (values: readonly PerClient[], what: "first" | "used" | "committed") =>
    spread(values.map((value) => value[what])).median;
  return [
    {
      figure: "G4",
      measure: `RSS per connected and subscribed client (${count - warm} after the first ${warm}); against a bare ws connection`,
      unit: "KiB",
      control: spread(rss(measured.control)),
      subject: spread(rss(measured.subject)),
      ratio: spread(ratios(rss(measured.subject), rss(measured.control))),
      goal: { of: "ratio", wants: "least", must: 1.6, aim: 1.25 },
      details: {
        "control, KiB of RSS per client of the first": middle(measured.control, "first"),
        "subject, KiB of RSS per client of the first": middle(measured.subject, "first"),
        "control, KiB of heap and buffers in use per client": middle(measured.control, "used"),
        "control, KiB of heap taken up per client": middle(measured.control, "committed"),
        "subject, KiB of heap and buffers in use per client": middle(measured.subject, "used"),
        "subject, KiB of heap taken up per client": middle(measured.subject, "committed"),
      },
    },
  ];
}
