import { z } from "zod";
import { InvalidInputError } from "../errors.ts";
import { cleanText } from "../live/index.ts";
import type { Json } from "../ports.ts";
import { toJson } from "./stream/json.ts";

/** Text that the database can hold. */
export const text = (max: number) => z.string().max(max).transform(cleanText);

/** Any JSON value; absent = null. */
export const json = z
  .unknown()
  .optional()
  .transform((value): Json => toJson(value));

/** A JSON object of at most that many bytes; absent or null = {}. */
export const jsonObject = (maxBytes: number) =>
  z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((value) => toJson(value ?? {}) as { readonly [key: string]: Json })
    .refine(
      (value) => Buffer.byteLength(JSON.stringify(value)) <= maxBytes,
      `at most ${maxBytes} bytes of JSON`,
    );

/** The parsed input, or InvalidInputError that names each place. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({
    path: path.map((part) => (typeof part === "symbol" ? String(part) : part)),
    message,
  }));
  throw new InvalidInputError(
    issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
    issues,
  );
}
