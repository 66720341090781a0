import { PayloadError } from "@shiplog/core/project";
import { z } from "zod";

/**
 * Readers of single fields. GitHub leaves fields out by event, version and age of the payload, so everything but
 * identity is optional: what is absent, null or of another type reads as null.
 */

const LINE = 500;
const TEXT = 64 * 1024;
const INT_MAX = 2 ** 31 - 1;

/** PostgreSQL takes neither NUL nor lone surrogates. */
function clean(text: string, max: number): string {
  return text.replaceAll("\0", "\u{fffd}").slice(0, max).toWellFormed();
}

function lenient<T>(schema: z.ZodType<T>): z.ZodType<T | null> {
  return schema
    .nullish()
    .catch(null)
    .transform((value) => value ?? null);
}

/** One line: names, refs, addresses. Empty counts as absent. */
export const line = lenient(z.string().transform((text) => clean(text, LINE).trim() || null));
/** Several lines, e.g. a commit message; at most 64 Ki characters. */
export const text = lenient(z.string().transform((value) => clean(value, TEXT) || null));
/** A link; only http(s) ever becomes one in a page. */
export const url = lenient(
  z
    .string()
    .max(2000)
    .regex(/^https?:\/\//i)
    .transform((value) => clean(value, 2000)),
);
/** A count that fits the column. */
export const count = lenient(z.number().int().min(0).max(INT_MAX));
export const flag = lenient(z.boolean());

/** A time: ISO 8601, or seconds since 1970 as in push payloads. */
export const time = lenient(
  z.union([z.string(), z.number()]).transform((value) => {
    const date = new Date(typeof value === "number" ? value * 1000 : value);
    const year = date.getUTCFullYear();
    // "0001-01-01" is how some senders write "none".
    return year >= 1970 && year <= 9999 ? date : null;
  }),
);

/** An id: a number beyond 32 bits, kept as a text. */
export const id = z
  .union([z.number().int(), z.string().regex(/^[\w:-]{1,100}$/)])
  .transform((value) => String(value));

/** 40 or 64 hex digits; GitHub's all-zero sha ("none") reads as null. */
export const sha = lenient(
  z
    .string()
    .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/i)
    .transform((value) => (/^0+$/.test(value) ? null : value.toLowerCase())),
);

/** A nested object that may be absent. */
export function maybe<T extends z.ZodType>(schema: T): z.ZodType<z.output<T> | null> {
  return lenient(schema as unknown as z.ZodType<z.output<T>>);
}

export const account = z.object({ login: line, type: line });

/** Reads a payload or throws PayloadError that names the first place at fault. */
export function read<T extends z.ZodType>(schema: T, payload: unknown): z.output<T> {
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new PayloadError(`payload.${issue?.path.join(".")}: ${issue?.message}`);
}

/** The latest of some times; null when there is none. */
export function latest(...times: readonly (Date | null)[]): Date | null {
  const known = times.filter((date) => date !== null);
  return known.length > 0 ? new Date(Math.max(...known.map(Number))) : null;
}

/** The fields that a delivery really names: null means "says nothing", so it must not win over a value. */
export function told<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], null> } {
  const known = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(known) as { [K in keyof T]?: Exclude<T[K], null> };
}
