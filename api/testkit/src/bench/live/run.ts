import { type BenchDatabase, startDatabase } from "./database.ts";
import type { Row, Setting } from "./figure.ts";
import { verdictOf } from "./figure.ts";
import { fanOut } from "./figures/fanout.ts";
import { latency } from "./figures/latency.ts";
import { memory } from "./figures/memory.ts";
import { peers } from "./figures/peers.ts";
import { resume } from "./figures/resume.ts";
import { stall } from "./figures/stall.ts";
import { tokens } from "./figures/tokens.ts";
import { describeMachine, LOAD_CORE, pinSelf } from "./machine.ts";
import { printDetails, printTable } from "./table.ts";

type Figure = (setting: Setting) => Promise<Row[]>;

const FIGURES: Record<string, Figure> = {
  G1: fanOut,
  G2: tokens,
  G3: peers,
  G4: memory,
  G5: latency,
  G6: resume,
  G7: stall,
};

export interface LiveOptions {
  /** Which of G1 to G7, in this order. */
  readonly figures: readonly string[];
  readonly rounds: number;
  readonly quick: boolean;
  readonly json: boolean;
  /** The subject writes CPU profiles of each block into this folder; null: it does not. */
  readonly profile: string | null;
}

export const FIGURE_NAMES = Object.keys(FIGURES);

/** No figure takes longer; what hangs is ended and said. */
const FIGURE_MS = 900_000;

/** `bench live`: control and subject in turns, each server process on one core and the load on another. */
export async function benchLive(options: LiveOptions): Promise<void> {
  pinSelf(LOAD_CORE);
  const database = await startDatabase();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void database.stop().finally(() => process.exit(1)));
  }
  const rows: Row[] = [];
  let failed = 0;
  try {
    for (const name of options.figures) {
      const began = performance.now();
      try {
        rows.push(...(await measure(name, database, options)));
        const seconds = Math.round((performance.now() - began) / 1e3);
        if (!options.json) console.error(`${name} took ${seconds} s`);
      } catch (error) {
        failed++;
        console.error(`${name} failed:`, error);
      }
    }
  } finally {
    await database.stop();
  }
  report(rows, options);
  if (failed > 0) process.exitCode = 1;
}

async function measure(name: string, database: BenchDatabase, options: LiveOptions): Promise<Row[]> {
  const ends: (() => Promise<unknown>)[] = [];
  const { rounds, quick, profile } = options;
  const onEnd = (stop: () => Promise<unknown>) => void ends.unshift(stop);
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("it takes too long")), FIGURE_MS);
  const stopAll = () => Promise.all(ends.map((stop) => stop()));
  try {
    const figure = FIGURES[name];
    if (!figure) throw new Error(`there is no figure ${name}`);
    return await Promise.race([figure({ database, rounds, quick, profile, onEnd }), late]);
  } finally {
    clearTimeout(timer);
    await stopAll();
  }
}

function report(rows: readonly Row[], { json, quick, rounds }: LiveOptions): void {
  const machine = describeMachine();
  if (json) {
    const lines = rows.map((row) => ({ ...row, reached: verdictOf(row) }));
    console.log(JSON.stringify({ machine, at: new Date().toISOString(), rounds, quick, rows: lines }));
    return;
  }
  console.log(`\n${machine}; ${rounds} rounds of A B B A${quick ? "; QUICK: not to be quoted" : ""}\n`);
  console.log(printTable(rows));
  console.log(`\n${printDetails(rows)}`);
}
