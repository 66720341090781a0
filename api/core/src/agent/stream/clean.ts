import type { Json } from "../../ports.ts";

/** PostgreSQL stores neither NUL nor lone surrogates in text or jsonb; both become U+FFFD. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll("\u0000", "\uFFFD");
}

/** The same for every string and key of a JSON value. */
export function cleanJson(value: Json): Json {
  if (typeof value === "string") return cleanText(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item: Json) => cleanJson(item ?? null));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [cleanText(key), cleanJson(item)]),
  );
}

/** A value from outside the type system (a step's output, a tool's result) as JSON that can be stored. */
export function toJson(value: unknown): Json {
  const text = JSON.stringify(value);
  return text === undefined ? null : cleanJson(JSON.parse(text) as Json);
}

/** Bytes a text takes inside an event. */
export function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}
