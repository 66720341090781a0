import { type Arena, measureSubject, measureWrites, openArena, pieceFor } from "../arena.ts";
import { alternate, type Block, measureAlone, measureBlock } from "../blocks.ts";
import type { Row, Setting } from "../figure.ts";
import type { ClientSpec } from "../load/client.ts";
import { SERVER_CORE } from "../machine.ts";
import { installPeers, PEER_NAMES, PEER_TITLES, type PeerName } from "../peers/install.ts";
import { PLAN, type Plan } from "../plan.ts";
import type { Peer } from "../process/peer.ts";
import { type Remote, startProcess } from "../rpc.ts";
import { ratios, spread } from "../stats.ts";
import { SUBSCRIPTION } from "../subject.ts";

const RUN = "aex_bench";

interface Rival {
  readonly name: PeerName;
  readonly process: Remote<Peer>;
}

/** A process of its own with everybody subscribed. */
async function openRival(setting: Setting, arena: Arena, name: PeerName, folder: string): Promise<Rival> {
  const process = startProcess<Peer>({
    script: "process/peer.ts",
    core: SERVER_CORE,
    env: { NODE_ENV: "production", NODE_NO_WARNINGS: "1" },
  });
  setting.onEnd(() => process.stop());
  const port = await process.call("open", { folder, name });
  const variables = { id: RUN };
  const subscription = { token: null, query: SUBSCRIPTION, variables, answersAtOnce: false };
  const spec: ClientSpec = { port, path: "/graphql", resumes: false, subscription };
  await arena.load.call("connect", { name, specs: Array.from({ length: arena.clients }, () => spec) });
  await everybodyHears(arena, { name, process });
  return { name, process };
}

/** Nothing says when a subscription stands: events are published until one reaches everybody. */
async function everybodyHears({ load, clients }: Arena, { name, process }: Rival): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    await load.call("begin", { name, plan: PLAN });
    await process.call("publish", { plan: PLAN, ids: [RUN] });
    const heard = await load.call("arrived", { name, pieces: clients, timeoutMs: 1_000 }).catch(() => null);
    if (heard) return;
  }
  throw new Error(`the subscriptions of ${name} do not stand`);
}

/** Deliveries per CPU second of a rival, what publishing to nobody costs taken off. */
async function measureRival({ load, clients }: Arena, rival: Rival, plan: Plan): Promise<number> {
  const { name, process: server } = rival;
  const publish = (id: string) => server.call("publish", { plan, ids: [id] });
  const pieces = plan.ticks * clients;
  const block = await measureBlock({ server, load, group: name, plan, pieces, work: () => publish(RUN) });
  const alone = await measureAlone(server, () => publish("aex_nobody"));
  return perSecond(block, alone);
}

async function measureUs(arena: Arena, plan: Plan): Promise<{ block: Block; rate: number }> {
  const block = await measureSubject(arena, plan);
  const alone = await measureWrites(arena, plan);
  return { block, rate: perSecond(block, alone) };
}

function perSecond({ pieces, cpuUs }: Block, alone: number): number {
  return pieces / ((cpuUs - alone) / 1e6);
}

/** G3: bursts of events on one stream to a thousand subscribers, against other GraphQL servers. */
export async function peers(setting: Setting): Promise<Row[]> {
  const folder = installPeers();
  const clients = setting.quick ? 200 : 1_000;
  const arena = await openArena(setting, { runs: 1, clients });
  const rivals: Rival[] = [];
  for (const name of PEER_NAMES) rivals.push(await openRival(setting, arena, name, folder));
  const base = { ...PLAN, piece: await pieceFor(arena, PLAN, 320) };
  // 500 a second. A rival gets a short burst: it works it off for seconds.
  const burst = { ...base, everyMs: 2, ticks: setting.quick ? 100 : 500 };
  const shortBurst = { ...burst, ticks: setting.quick ? 10 : 25 };
  const spaced = { ...base, everyMs: 50, ticks: setting.quick ? 5 : 20 };
  let frames = 0;
  const measure = async (name: PeerName | "coalesced" | "uncoalesced") => {
    if (name === "uncoalesced") return (await measureUs(arena, spaced)).rate;
    if (name === "coalesced") {
      const { block, rate } = await measureUs(arena, burst);
      frames = block.frames;
      return rate;
    }
    const rival = rivals.find((one) => one.name === name);
    return rival ? measureRival(arena, rival, shortBurst) : Number.NaN;
  };
  const order = [...PEER_NAMES, "coalesced", "uncoalesced"] as const;
  for (const name of order) await measure(name);
  const rates = await alternate(setting.rounds, order, measure);
  const best = PEER_NAMES.map((name) => ({
    name,
    rates: rates[name],
    middle: spread(rates[name]).median,
  })).toSorted((a, b) => b.middle - a.middle)[0];
  if (!best) throw new Error("there is no peer");
  const peerDetails = Object.fromEntries(
    PEER_NAMES.map((name) => [PEER_TITLES[name], Math.round(spread(rates[name]).median)]),
  );
  const common = { unit: "1/CPU s", control: spread(best.rates) };
  const row = (
    kind: "coalesced" | "uncoalesced",
    measureText: string,
  ): Pick<Row, "subject" | "ratio" | "measure"> => ({
    measure: measureText,
    subject: spread(rates[kind]),
    ratio: spread(ratios(rates[kind], best.rates)),
  });
  const title = PEER_TITLES[best.name];
  return [
    {
      figure: "G3",
      ...common,
      ...row(
        "coalesced",
        `deliveries per CPU second, bursts of 500 events/s to ${clients} subscribers, coalesced; against the best of three, ${title}`,
      ),
      goal: { of: "ratio", wants: "most", must: 5, aim: 20 },
      details: { ...peerDetails, "deliveries per frame": (burst.ticks * clients) / frames },
    },
    {
      figure: "G3",
      ...common,
      ...row("uncoalesced", "the same, uncoalesced"),
      goal: null,
      details: {},
    },
  ];
}
