import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { PRICE_VERSION, priceUsage } from "./price.ts";
import { clampUsage, NO_USAGE } from "./usage.ts";

const AT = new Date("2026-06-01T00:00:00Z");
const usage = (counts: Partial<typeof NO_USAGE>) => ({ ...NO_USAGE, ...counts });

describe("the price of a usage", () => {
  it("charges cached input at its own rates, in nano-dollars", () => {
    const sonnet = usage({
      inputTokens: 24_000n,
      cacheReadTokens: 20_000n,
      cacheWrite5mTokens: 3_000n,
      outputTokens: 500n,
    });
    expect(priceUsage(sonnet, "claude-sonnet-4-5", AT).costNanos).toBe(27_750_000n);
    const gpt = usage({
      inputTokens: 5_000n,
      cacheReadTokens: 4_000n,
      outputTokens: 900n,
      reasoningTokens: 400n,
    });
    expect(priceUsage(gpt, "gpt-5", AT).costNanos).toBe(10_750_000n);
  });

  it("charges a cache write of an hour more than one of five minutes", () => {
    const five = usage({ inputTokens: 1_000n, cacheWrite5mTokens: 1_000n });
    const hour = usage({ inputTokens: 1_000n, cacheWrite1hTokens: 1_000n });
    expect(priceUsage(five, "claude-sonnet-4-5", AT).costNanos).toBe(3_750_000n);
    expect(priceUsage(hour, "claude-sonnet-4-5", AT).costNanos).toBe(6_000_000n);
  });

  it("is null, never 0, for an unknown or missing model", () => {
    expect(priceUsage(usage({ inputTokens: 10n }), "no-such-model-at-all", AT).costNanos).toBeNull();
    expect(priceUsage(usage({ inputTokens: 10n }), null, AT).costNanos).toBeNull();
    expect(priceUsage(NO_USAGE, "claude-sonnet-4-5", AT).costNanos).toBe(0n);
  });

  it("knows the spellings of gateways", () => {
    const one = usage({ inputTokens: 1_000n });
    expect(priceUsage(one, "anthropic/claude-sonnet-4.5", AT).costNanos).toBe(3_000_000n);
    expect(priceUsage(one, "us.anthropic.claude-sonnet-4-5-20250929-v1:0", AT).costNanos).toBe(3_300_000n);
  });

  it("takes the price of the day it happened", () => {
    const one = usage({ inputTokens: 1_000_000n, outputTokens: 1_000_000n });
    const early = priceUsage(one, "o3", new Date("2025-05-01T00:00:00Z")).costNanos;
    const late = priceUsage(one, "o3", AT).costNanos;
    expect([early, late]).toEqual([50_000_000_000n, 10_000_000_000n]);
  });

  it("clamps parts that exceed their whole instead of failing", () => {
    const odd = usage({
      inputTokens: 100n,
      cacheReadTokens: 500n,
      cacheWrite1hTokens: 9n,
      reasoningTokens: 7n,
    });
    expect(clampUsage(odd)).toEqual(usage({ inputTokens: 100n, cacheReadTokens: 100n }));
    expect(clampUsage(usage({ inputTokens: -5n }))).toEqual(NO_USAGE);
    expect(priceUsage(odd, "claude-sonnet-4-5", AT).costNanos).toBe(30_000n);
  });

  it("names the installed price table", () => {
    const entry = fileURLToPath(import.meta.resolve("@pydantic/genai-prices"));
    const manifest = JSON.parse(readFileSync(entry.replace(/dist\/.*$/, "package.json"), "utf8"));
    expect(PRICE_VERSION).toBe(`genai-prices ${manifest.version}`);
  });
});
