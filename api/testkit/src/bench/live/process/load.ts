import { setTimeout } from "node:timers/promises";
import { Client, type ClientSpec } from "../load/client.ts";
import { type Gaps, gapsOf, latencies } from "../load/receipts.ts";
import { type Counts, Tally } from "../load/tally.ts";
import { now, type Plan } from "../plan.ts";
import { answerCalls } from "../rpc.ts";

/** Clients of one server that are counted together. */
interface Group {
  readonly clients: Client[];
  readonly tally: Tally;
}

const groups = new Map<string, Group>();

function group(name: string): Group {
  const found = groups.get(name);
  if (!found) throw new Error(`there is no group ${name}`);
  return found;
}

/** More would overflow the queue of connections to accept. */
const AT_ONCE = 100;

async function connect({ name, specs }: { readonly name: string; readonly specs: readonly ClientSpec[] }) {
  const known = groups.get(name) ?? { clients: [], tally: new Tally() };
  groups.set(name, known);
  const clients = specs.map((spec, i) => new Client(spec, known.clients.length + i, known.tally));
  known.clients.push(...clients);
  for (let from = 0; from < clients.length; from += AT_ONCE) {
    await Promise.all(clients.slice(from, from + AT_ONCE).map((client) => client.open()));
  }
}

/** Forgets what came so far. */
function begin({ name, plan }: { readonly name: string; readonly plan: Plan }): void {
  group(name).tally.begin(plan);
}

export interface Arrival extends Counts {
  /** When the last one came (ms of the shared clock). */
  readonly at: number;
}

/** Resolves when so many deliveries have come since `begin`. */
async function arrived(order: { name: string; pieces: number; timeoutMs: number }): Promise<Arrival> {
  const { clients, tally } = group(order.name);
  try {
    await tally.reached(order.pieces, order.timeoutMs);
  } catch (error) {
    const closed = clients.filter((client) => !client.isOpen).length;
    const last = clients.find((client) => client.lastOther !== "")?.lastOther ?? "";
    throw new Error(`${order.name}: ${(error as Error).message}; ${closed} clients closed; ${last}`);
  }
  const at = now();
  const { frames, pieces, bytes } = tally;
  return { at, frames, pieces, bytes };
}

function counts({ name }: { readonly name: string }): Counts {
  const { frames, pieces, bytes } = group(name).tally;
  return { frames, pieces, bytes };
}

/** The next message with a piece that the first client gets. */
function sample({ name }: { readonly name: string }): Promise<string> {
  return new Promise((resolve) => {
    const [client] = group(name).clients;
    if (client) client.sample = resolve;
  });
}

/** Commit to frame, of all receipts that `from` and `until` (ms of the shared clock) enclose; without some clients. */
function latency(order: {
  name: string;
  commits: Float64Array;
  from?: number;
  until?: number;
  without?: number;
}): { p50: number; p99: number; count: number } {
  const { receipts } = group(order.name).tally;
  if (!receipts) throw new Error("the plan was not numbered");
  return latencies(receipts, order);
}

/** Whether every client got every event of its stream once and in order. */
function gaps({ name, plan, streams }: { name: string; plan: Plan; streams: readonly number[] }): Gaps {
  const { receipts } = group(name).tally;
  if (!receipts) throw new Error("the plan was not numbered");
  return gapsOf(receipts, plan, streams);
}

/** Kills every socket once in each period, spread over it, and brings each back after `offlineMs`. */
async function churn(order: { name: string; periodMs: number; offlineMs: number; durationMs: number }) {
  const { clients } = group(order.name);
  const began = now();
  const lives = clients.map(async (client, i) => {
    let kills = 0;
    for (let at = (i / clients.length) * order.periodMs; at < order.durationMs; at += order.periodMs) {
      await setTimeout(Math.max(0, began + at - now()));
      client.kill();
      await setTimeout(order.offlineMs);
      await client.reopen();
      kills++;
    }
    return kills;
  });
  return (await Promise.all(lives)).reduce((sum, kills) => sum + kills, 0);
}

/** Kills all at the same moment, and brings them back at the same moment. */
async function storm({ name, offlineMs }: { readonly name: string; readonly offlineMs: number }) {
  const { clients } = group(name);
  for (const client of clients) client.kill();
  await setTimeout(offlineMs);
  await Promise.all(clients.map((client) => client.reopen()));
}

/** The reconnections since the last call: how long each took to reach the head (ms). */
function replays({ name }: { readonly name: string }): number[] {
  return group(name).clients.flatMap((client) => client.replays.splice(0));
}

function stall({ name, count, stalled }: { name: string; count: number; stalled: boolean }): void {
  for (const client of group(name).clients.slice(0, count)) stalled ? client.stall() : client.wake();
}

function disconnect({ name }: { readonly name: string }): void {
  for (const client of group(name).clients) client.kill();
  groups.delete(name);
}

const methods = {
  connect,
  begin,
  arrived,
  counts,
  sample,
  latency,
  gaps,
  churn,
  storm,
  replays,
  stall,
  disconnect,
};
export type Load = typeof methods;
answerCalls(methods);
