import { expect, it } from "vitest";
import { JSON_LIMITS, jsonExcess } from "./json.ts";

it("lets through what lies within the limits, and names the one that is broken", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  expect(jsonExcess(nested(JSON_LIMITS.depth))).toBeNull();
  expect(jsonExcess(nested(JSON_LIMITS.depth + 1))).toBe("depth");
  expect(jsonExcess("[".repeat(1_000_000))).toBe("depth");
  const keyed = (count: number) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [i, 1])));
  expect(jsonExcess(keyed(JSON_LIMITS.keys))).toBeNull();
  expect(jsonExcess(keyed(JSON_LIMITS.keys + 1))).toBe("keys");
  expect(jsonExcess(JSON.stringify(Array(JSON_LIMITS.values).fill(0)))).toBeNull();
  expect(jsonExcess(JSON.stringify(Array(JSON_LIMITS.values + 1).fill(0)))).toBe("values");
});

it("does not take what stands in strings for structure", () => {
  const text = JSON.stringify({ a: '[{"'.repeat(10_000), b: `\\"${":,".repeat(600_000)}` });
  expect(jsonExcess(text)).toBeNull();
});
