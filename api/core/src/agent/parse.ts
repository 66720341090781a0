import { z } from "zod";
import { cleanText } from "../clean.ts";
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
