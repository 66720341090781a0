import { z } from "zod";
import { InvalidInputError } from "../errors.ts";

/** PostgreSQL stores no NUL in text; every text input forbids it, or it would fail as an unexpected error. */
const NO_NUL = /^[^\0]*$/;

/** A text of at most `max` characters, trimmed; halves of surrogate pairs, which cannot be stored either, become U+FFFD. */
export function text(max: number, min = 0): z.ZodString {
  return z
    .string()
    .overwrite((value) => value.toWellFormed())
    .trim()
    .min(min)
    .max(max)
    .regex(NO_NUL, "must not contain NUL characters");
}

/** An e-mail address, lower-cased. Deliberately lenient: only a message sent there proves an address. */
export const emailInput = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(/^[^\s@\0]+@[^\s@\0]+$/, "must be an e-mail address");

/** Parses an input or throws InvalidInputError with a path for each issue. */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => ({
    path: ["input", ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))],
    message: issue.message,
  }));
  throw new InvalidInputError("The input is not valid.", issues);
}
