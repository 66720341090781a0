import { z } from "zod";
import type { Json } from "../../ports.ts";
import { Stop } from "./stop.ts";

/** What a run may use before it is failed; counted over all its attempts. */
export interface Budget {
  readonly maxSteps: number;
  readonly maxToolCalls: number;
  readonly maxWallMs: number;
  readonly maxCostNanos: number;
}

const DEFAULT_BUDGET: Budget = {
  maxSteps: 100,
  maxToolCalls: 2_000,
  maxWallMs: 30 * 60_000,
  maxCostNanos: 10e9,
};

/** A longer timer would fire at once. */
const MOST_TIMER_MS = 2 ** 31 - 1;

const limit = z.number().nonnegative().optional();
const schema = z
  .object({ maxSteps: limit, maxToolCalls: limit, maxWallMs: limit, maxCostNanos: limit })
  .catch({});

/** The execution's own limits over the defaults. */
export function budgetOf(stored: Json): Budget {
  return { ...DEFAULT_BUDGET, ...schema.parse(stored ?? {}) };
}

function used(what: string): Stop {
  return new Stop("budget", `The run used up its budget (${what}).`);
}

/** The stop that these counts call for; null within the budget. */
export function overBudget(
  budget: Budget,
  counts: { readonly steps: number; readonly toolCalls: number; readonly costNanos: bigint | null },
): Stop | null {
  if (counts.steps > budget.maxSteps) return used(`steps: ${budget.maxSteps}`);
  if (counts.toolCalls > budget.maxToolCalls) return used(`tool calls: ${budget.maxToolCalls}`);
  if (counts.costNanos !== null && counts.costNanos > BigInt(Math.floor(budget.maxCostNanos))) {
    return used(`dollars: ${budget.maxCostNanos / 1e9}`);
  }
  return null;
}

/** Stops the run when its time is over, measured from its first claim. Returns what takes the alarm back. */
export function wallAlarm(
  budget: Budget,
  startedAt: Date,
  now: Date,
  stop: (reason: Stop) => void,
): () => void {
  const left = Math.min(startedAt.getTime() + budget.maxWallMs - now.getTime(), MOST_TIMER_MS);
  const timer = setTimeout(() => stop(used(`seconds: ${budget.maxWallMs / 1000}`)), Math.max(0, left));
  timer.unref();
  return () => clearTimeout(timer);
}
