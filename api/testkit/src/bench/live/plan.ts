import { setImmediate, setTimeout } from "node:timers/promises";

/** What is written in a block of the measurement, and when: the same for control and subject. */
export interface Plan {
  /** So many streams take turns. */
  readonly streams: number;
  readonly ticks: number;
  readonly everyMs: number;
  /** Streams that get an event in each tick. */
  readonly perTick: number;
  /** Pieces (tokens) of an event; a fraction means that events differ by one. */
  readonly pieces: number;
  /** Text of a piece; each is delivered behind a mark, by which the load generator counts. */
  readonly piece: string;
  /** Each piece carries the number of its event, by which latencies and gaps are found. */
  readonly numbered: boolean;
}

export interface PlannedEvent {
  readonly stream: number;
  /** Place in the whole plan, from 0. */
  readonly index: number;
  readonly pieces: readonly string[];
}

/** Stands in no JSON syntax, no cursor and no id. */
export const MARK = "|";
export const NUMBER_DIGITS = 7;

export const PLAN: Plan = {
  streams: 1,
  ticks: 1,
  everyMs: 0,
  perTick: 1,
  pieces: 1,
  piece: "",
  numbered: false,
};

export function eventCount({ ticks, perTick }: Plan): number {
  return ticks * perTick;
}

/** Events of one tick. */
export function eventsAt(plan: Plan, tick: number): PlannedEvent[] {
  return Array.from({ length: plan.perTick }, (_, i) => eventOf(plan, tick * plan.perTick + i));
}

function eventOf({ streams, pieces, piece, numbered }: Plan, index: number): PlannedEvent {
  const visit = Math.floor(index / streams);
  const count = Math.floor((visit + 1) * pieces) - Math.floor(visit * pieces);
  const number = numbered ? String(index).padStart(NUMBER_DIGITS, "0") : "";
  return {
    stream: index % streams,
    index,
    pieces: Array.from({ length: count }, () => `${MARK}${number}${piece}`),
  };
}

/** Pieces of all events: what one watcher of every stream gets. */
export function pieceCount(plan: Plan): number {
  let sum = 0;
  for (let index = 0; index < eventCount(plan); index++) sum += eventOf(plan, index).pieces.length;
  return sum;
}

/** The clock that all processes of a machine share (ms). */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Calls back at each tick's time, late ones at once; lets the event loop turn between two. */
export async function pace({ ticks, everyMs }: Plan, onTick: (tick: number) => void): Promise<void> {
  const began = now();
  for (let tick = 0; tick < ticks; tick++) {
    const wait = began + tick * everyMs - now();
    if (wait > 0.5) await setTimeout(wait);
    else await setImmediate();
    onTick(tick);
  }
}
