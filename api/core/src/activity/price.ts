import { calcPrice } from "@pydantic/genai-prices";
import { clampUsage, type TokenUsage } from "./usage.ts";

/** The price table that a cost was computed with; stored beside the cost. */
export const PRICE_VERSION = "genai-prices 0.1.8";

export interface Price {
  /** Nano-dollars; null for a model without a known price, never 0 for that. */
  readonly costNanos: bigint | null;
  readonly priceVersion: string;
}

const NANOS = 1e9;

/** The table knows some spellings only under the service that uses them. */
function providersOf(model: string): (string | undefined)[] {
  if (model.includes("/")) return [undefined, "openrouter"];
  if (/(^|\.)(anthropic|amazon|meta|mistral|cohere|ai21|deepseek)\./.test(model)) return [undefined, "aws"];
  return [undefined];
}

function dollarsOf(usage: TokenUsage, model: string, at: Date): number | null {
  const tokens = clampUsage(usage);
  const counts = {
    input_tokens: Number(tokens.inputTokens),
    cache_read_tokens: Number(tokens.cacheReadTokens),
    cache_write_tokens: Number(tokens.cacheWrite5mTokens + tokens.cacheWrite1hTokens),
    cache_write_5m_tokens: Number(tokens.cacheWrite5mTokens),
    cache_write_1h_tokens: Number(tokens.cacheWrite1hTokens),
    output_tokens: Number(tokens.outputTokens),
    output_reasoning_tokens: Number(tokens.reasoningTokens),
  };
  for (const providerId of providersOf(model)) {
    try {
      const price = calcPrice(counts, model, { providerId, timestamp: at });
      if (price && Number.isFinite(price.total_price)) return price.total_price;
    } catch {
      // A usage that the table cannot break down is unpriced, not a failure of what reports it.
    }
  }
  return null;
}

/**
 * The price of one request's tokens at the time it happened (prices change by date, and some by the size of the
 * request, so usages are priced one by one and never summed first).
 */
export function priceUsage(usage: TokenUsage, model: string | null | undefined, at: Date): Price {
  const dollars = model ? dollarsOf(usage, model.trim(), at) : null;
  return {
    costNanos: dollars === null ? null : BigInt(Math.round(dollars * NANOS)),
    priceVersion: PRICE_VERSION,
  };
}
