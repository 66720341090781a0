import { eventCount, type Plan } from "../plan.ts";
import { percentile } from "../stats.ts";
import type { Receipts } from "./tally.ts";

export interface Latencies {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly count: number;
}

export interface LatencyQuery {
  /** When each event was committed (ms of the shared clock). */
  readonly commits: Float64Array;
  /** Only events committed from then on, */
  readonly from?: number;
  /** and before then. */
  readonly until?: number;
  /** Leaves out the first so many clients. */
  readonly without?: number;
}

/** From commit to frame. */
export function latencies(receipts: Receipts, query: LatencyQuery): Latencies {
  const { commits, from = 0, until = Number.POSITIVE_INFINITY, without = 0 } = query;
  const values: number[] = [];
  for (let i = 0; i < receipts.length; i++) {
    const committed = commits[receipts.events[i] ?? -1] ?? Number.NaN;
    if ((receipts.clients[i] ?? 0) < without || !(committed >= from && committed < until)) continue;
    values.push((receipts.times[i] ?? 0) - committed);
  }
  return { p50: percentile(values, 0.5), p99: percentile(values, 0.99), count: values.length };
}

export interface Gaps {
  readonly expected: number;
  readonly delivered: number;
  readonly doubled: number;
  readonly disordered: number;
}

/** `streams`: which one each client reads. Events of a stream are numbered in the order of their commits. */
export function gapsOf(receipts: Receipts, plan: Plan, streams: readonly number[]): Gaps {
  const total = eventCount(plan);
  const seen = streams.map(() => new Uint8Array(total));
  const last = new Int32Array(streams.length).fill(-1);
  let doubled = 0;
  let disordered = 0;
  let delivered = 0;
  for (let i = 0; i < receipts.length; i++) {
    const client = receipts.clients[i] ?? 0;
    const event = receipts.events[i] ?? 0;
    if (event % plan.streams !== streams[client]) throw new Error("an event of another stream");
    if (seen[client]?.[event]) {
      doubled++;
      continue;
    }
    if (seen[client]) seen[client][event] = 1;
    delivered++;
    if (event < (last[client] ?? 0)) disordered++;
    last[client] = Math.max(last[client] ?? 0, event);
  }
  const perStream = Array.from({ length: plan.streams }, (_, stream) =>
    Math.ceil((total - stream) / plan.streams),
  );
  const expected = streams.reduce((sum, stream) => sum + (perStream[stream] ?? 0), 0);
  return { expected, delivered, doubled, disordered };
}
