import type { TokenUsage as Usage } from "@shiplog/core/activity";
import { builder } from "../builder.ts";

/** The columns of a token usage, for `select`. */
export const USAGE_COLUMNS = {
  inputTokens: true,
  cacheReadTokens: true,
  cacheWrite5mTokens: true,
  cacheWrite1hTokens: true,
  outputTokens: true,
  reasoningTokens: true,
} as const;

const MEANING: Record<keyof Usage, string> = {
  inputTokens: "All input tokens, the cached ones included.",
  cacheReadTokens: "Input tokens that were read from the provider's prompt cache; part of `inputTokens`.",
  cacheWrite5mTokens: "Input tokens written to a cache of five minutes; part of `inputTokens`.",
  cacheWrite1hTokens: "Input tokens written to a cache of one hour; part of `inputTokens`.",
  outputTokens: "All output tokens, reasoning included.",
  reasoningTokens: "Tokens of hidden reasoning; part of `outputTokens`.",
};

const NAMES = Object.keys(MEANING) as (keyof Usage)[];

export const TokenUsage = builder.objectRef<Usage>("TokenUsage").implement({
  description: "Token counts in one form for all tools: the totals include their parts.",
  fields: (t) => ({
    inputTokens: t.expose("inputTokens", { type: "BigInt", description: MEANING.inputTokens }),
    cacheReadTokens: t.expose("cacheReadTokens", { type: "BigInt", description: MEANING.cacheReadTokens }),
    cacheWrite5mTokens: t.expose("cacheWrite5mTokens", {
      type: "BigInt",
      description: MEANING.cacheWrite5mTokens,
    }),
    cacheWrite1hTokens: t.expose("cacheWrite1hTokens", {
      type: "BigInt",
      description: MEANING.cacheWrite1hTokens,
    }),
    outputTokens: t.expose("outputTokens", { type: "BigInt", description: MEANING.outputTokens }),
    reasoningTokens: t.expose("reasoningTokens", { type: "BigInt", description: MEANING.reasoningTokens }),
  }),
});

export const TokenUsageInput = builder.inputType("TokenUsageInput", {
  description: "Token counts; parts that exceed their whole are cut to it, absent ones count as 0.",
  fields: (t) => ({
    inputTokens: t.field({ type: "BigInt", description: MEANING.inputTokens }),
    cacheReadTokens: t.field({ type: "BigInt", description: MEANING.cacheReadTokens }),
    cacheWrite5mTokens: t.field({ type: "BigInt", description: MEANING.cacheWrite5mTokens }),
    cacheWrite1hTokens: t.field({ type: "BigInt", description: MEANING.cacheWrite1hTokens }),
    outputTokens: t.field({ type: "BigInt", description: MEANING.outputTokens }),
    reasoningTokens: t.field({ type: "BigInt", description: MEANING.reasoningTokens }),
  }),
});

/** A usage from an input whose parts may be absent. */
export function usageOf(input: { readonly [K in keyof Usage]?: bigint | null } | null | undefined): Usage {
  return Object.fromEntries(NAMES.map((name) => [name, input?.[name] ?? 0n])) as unknown as Usage;
}
