import type { UsageCounts } from "../ports.ts";

/** Token counts in the one canonical form; every source is converted to it. */
export type TokenUsage = UsageCounts;

export const NO_USAGE: TokenUsage = {
  inputTokens: 0n,
  cacheReadTokens: 0n,
  cacheWrite5mTokens: 0n,
  cacheWrite1hTokens: 0n,
  outputTokens: 0n,
  reasoningTokens: 0n,
};

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function notNegative(value: bigint): bigint {
  return value < 0n ? 0n : value;
}

/**
 * The counts made consistent: none negative, the cached parts within the input (reads first, then writes of five
 * minutes, then of an hour), reasoning within the output. Sources disagree on what "input" includes, and the
 * price table throws on parts that exceed their whole.
 */
export function clampUsage(usage: TokenUsage): TokenUsage {
  const inputTokens = notNegative(usage.inputTokens);
  const cacheReadTokens = least(notNegative(usage.cacheReadTokens), inputTokens);
  const cacheWrite5mTokens = least(notNegative(usage.cacheWrite5mTokens), inputTokens - cacheReadTokens);
  const left = inputTokens - cacheReadTokens - cacheWrite5mTokens;
  const outputTokens = notNegative(usage.outputTokens);
  return {
    inputTokens,
    cacheReadTokens,
    cacheWrite5mTokens,
    cacheWrite1hTokens: least(notNegative(usage.cacheWrite1hTokens), left),
    outputTokens,
    reasoningTokens: least(notNegative(usage.reasoningTokens), outputTokens),
  };
}
