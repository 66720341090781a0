import { expect, test } from "vitest";
import { createSchema } from "../index.ts";
import { formatUsd, parseUsd } from "./scalars.ts";

test.each([
  [27_750_000n, "0.02775"],
  [0n, "0"],
  [1n, "0.000000001"],
  [12_000_000_000n, "12"],
  [-1_500_000_000n, "-1.5"],
  [123_456_789_012_345_678n, "123456789.012345678"],
])("%d nano-dollars are %s dollars", (nanos, text) => {
  expect(formatUsd(nanos)).toBe(text);
  expect(parseUsd(text)).toBe(nanos);
});

test.each(["", "1.", ".5", "1e3", "0.0000000001", "one"])("%j is no amount", (text) => {
  expect(() => parseUsd(text)).toThrow("amount");
});

const scalar = (name: string) =>
  createSchema().getType(name) as unknown as { parseValue(value: unknown): unknown };

test("a DateTime needs an offset", () => {
  const { parseValue } = scalar("DateTime");
  expect(parseValue("2026-03-02T10:00:00+01:00")).toEqual(new Date("2026-03-02T09:00:00Z"));
  for (const text of ["2026-03-02", "2026-03-02T10:00:00", "2026-13-02T10:00:00Z", 5, "soon"]) {
    expect(() => parseValue(text)).toThrow("RFC 3339");
  }
});

test("a DateTime is one that the database can compare", () => {
  const { parseValue } = scalar("DateTime");
  for (const text of ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"]) {
    expect(parseValue(text)).toEqual(new Date(text));
  }
  for (const text of ["0000-12-31T23:59:59Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"]) {
    expect(() => parseValue(text)).toThrow("years 1 to 9999");
  }
});

test("a BigInt is taken as a string or a whole number", () => {
  const { parseValue } = scalar("BigInt");
  expect(parseValue("9007199254740993")).toBe(9_007_199_254_740_993n);
  expect(parseValue(5)).toBe(5n);
  for (const value of [1.5, 2 ** 60, "five", "", true]) expect(() => parseValue(value)).toThrow("BigInt");
});
