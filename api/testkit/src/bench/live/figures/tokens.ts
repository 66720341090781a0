import { type Arena, openArena } from "../arena.ts";
import { compareFanOut } from "../compare.ts";
import type { Goal, Row, Setting } from "../figure.ts";
import { PLAN } from "../plan.ts";
import { ratios, spread } from "../stats.ts";

const RUNS = 50;
const WATCHERS = 20;

/** Of a run that streams: at most one text event in it, see `textWindowMs`. */
const TEXT_WINDOW_MS = 50;
const TICK_MS = 10;

/** G2: what a token costs on its way to twenty watchers of each of fifty runs, against a frame for each. */
export async function tokens(setting: Setting): Promise<Row[]> {
  const arena = await openArena(setting, { runs: RUNS, clients: RUNS * WATCHERS });
  return [
    await atRate(arena, setting, 50, { of: "ratio", wants: "least", must: 0.5, aim: 0.35 }),
    await atRate(arena, setting, 200, { of: "ratio", wants: "least", must: 0.25, aim: 0.15 }),
  ];
}

/**
 * Text that an agent appends is merged to one event per run and text window before it is written. Here it is written
 * merged, the runs spread evenly over the window and those of a tick in one transaction: fifty runs that stream at
 * once would otherwise spend the server's core on a thousand transactions a second, which are no part of the figure.
 */
async function atRate(arena: Arena, setting: Setting, perSecond: number, goal: Goal): Promise<Row> {
  const seconds = setting.quick ? 0.5 : perSecond > 100 ? 1 : 2;
  const subject = {
    ...PLAN,
    streams: RUNS,
    everyMs: TICK_MS,
    ticks: (seconds * 1e3) / TICK_MS,
    perTick: RUNS / (TEXT_WINDOW_MS / TICK_MS),
    pieces: (perSecond * TEXT_WINDOW_MS) / 1e3,
    piece: "word ",
  };
  const control = { ...subject, perTick: (RUNS * perSecond * TICK_MS) / 1e3, pieces: 1 };
  const frame = { before: '{"run":17,"seq":12345,"text":"', after: '"}' };
  const result = await compareFanOut(arena, setting.rounds, { control, subject, frame });
  return {
    figure: "G2",
    measure: `CPU per token delivered, ${RUNS} runs with ${WATCHERS} watchers each, ${perSecond} tokens/s a run; against a raw frame per token`,
    unit: "us",
    control: spread(result.control),
    subject: spread(result.subject),
    ratio: spread(ratios(result.subject, result.control)),
    goal,
    details: result.details,
  };
}
