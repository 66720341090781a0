import type { BenchDatabase } from "./database.ts";
import type { Spread } from "./stats.ts";

/** What a figure is measured with. */
export interface Setting {
  readonly database: BenchDatabase;
  /** A B B A, so often. */
  readonly rounds: number;
  /** Shorter blocks: to see that it works, not to be quoted. */
  readonly quick: boolean;
  /** A folder for CPU profiles of the subject; null: none are made. */
  readonly profile: string | null;
  /** Registers what to stop when the figure is done, whatever happened. */
  onEnd(stop: () => Promise<unknown>): void;
}

/** What has to be reached. */
export interface Goal {
  readonly of: "ratio" | "subject";
  readonly wants: "least" | "most";
  readonly must: number;
  readonly aim: number;
}

/** A line of the table. */
export interface Row {
  readonly figure: string;
  readonly measure: string;
  readonly unit: string;
  readonly control: Spread | null;
  readonly subject: Spread;
  /** Of values measured beside each other. */
  readonly ratio: Spread | null;
  /** Null: printed beside another line. */
  readonly goal: Goal | null;
  /** What else was seen, by name. */
  readonly details: Readonly<Record<string, number | string>>;
}

export type Verdict = "aim" | "must" | "missed" | "";

export function verdictOf({ goal, ratio, subject }: Row): Verdict {
  if (!goal) return "";
  const value = (goal.of === "ratio" ? ratio : subject)?.median ?? Number.NaN;
  const reaches = (bound: number) => (goal.wants === "least" ? value <= bound : value >= bound);
  if (reaches(goal.aim)) return "aim";
  return reaches(goal.must) ? "must" : "missed";
}
