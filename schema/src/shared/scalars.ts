import { GraphQLError, Kind, type ValueNode, valueFromASTUntyped } from "graphql";
import { builder } from "../builder.ts";

const NANOS_DIGITS = 9;

/** Nano-dollars as a decimal string of dollars without trailing zeros, e.g. 27750000n -> "0.02775". */
export function formatUsd(nanos: bigint): string {
  const sign = nanos < 0n ? "-" : "";
  const digits = (nanos < 0n ? -nanos : nanos).toString().padStart(NANOS_DIGITS + 1, "0");
  const fraction = digits.slice(-NANOS_DIGITS).replace(/0+$/, "");
  return `${sign}${digits.slice(0, -NANOS_DIGITS)}${fraction && `.${fraction}`}`;
}

/** The inverse of `formatUsd`; at most nine decimals. */
export function parseUsd(text: string): bigint {
  const match = /^(-?)(\d{1,15})(?:\.(\d{1,9}))?$/.exec(text);
  if (!match) throw new GraphQLError(`Not an amount in dollars: ${text}`);
  const nanos = BigInt(`${match[2]}${(match[3] ?? "").padEnd(NANOS_DIGITS, "0")}`);
  return match[1] ? -nanos : nanos;
}

function parseBigInt(value: unknown): bigint {
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === "string" && /^-?\d{1,19}$/.test(value)) return BigInt(value);
  throw new GraphQLError("A BigInt is an integer, or a string of at most 19 digits.");
}

/** Whether the database has a place for it: dates before the year 1 are written another way there. */
export function isStorable(date: Date): boolean {
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9999;
}

function parseDateTime(value: unknown): Date {
  const wanted = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
  const date = typeof value === "string" && wanted.test(value) ? new Date(value) : null;
  if (!date || !isStorable(date))
    throw new GraphQLError("A DateTime is an RFC 3339 time with offset, of the years 1 to 9999.");
  return date;
}

function literal(node: ValueNode): unknown {
  if (node.kind === Kind.INT || node.kind === Kind.STRING) return node.value;
  throw new GraphQLError("Expected a string or a number.", { nodes: node });
}

builder.scalarType("DateTime", {
  description:
    "A moment: RFC 3339 with offset, answered in UTC with milliseconds, e.g. 2026-03-02T09:00:00.000Z.",
  serialize: (value) => value.toISOString(),
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(literal(node)),
});

builder.scalarType("JSON", {
  description: "Any JSON value, as it was stored.",
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});

builder.scalarType("BigInt", {
  description:
    "An integer of up to 64 bits, always answered as a decimal string; taken as a string or a number.",
  serialize: (value) => value.toString(),
  parseValue: parseBigInt,
  parseLiteral: (node) => parseBigInt(literal(node)),
});

builder.scalarType("USD", {
  description:
    'US dollars as a decimal string with up to nine decimals, e.g. "0.02775": a cached token costs less than a millionth.',
  serialize: (value) => formatUsd(value),
  parseValue: (value) => parseUsd(String(value)),
  parseLiteral: (node) => parseUsd(String(literal(node))),
});
