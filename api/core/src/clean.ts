import type { Json } from "./ports.ts";

/** What PostgreSQL stores in no text or jsonb value: NUL, and halves of surrogate pairs. */
const SUSPECT = /\\u0000|\\ud[89a-f]/i;
const NUL = new RegExp(String.fromCharCode(0), "g");
const REPLACEMENT = "\ufffd";

/** A text that PostgreSQL can store: NUL and lone surrogates become U+FFFD. */
export function cleanText(text: string): string {
  return text.replace(NUL, REPLACEMENT).toWellFormed();
}

/** A value that jsonb can store; almost every value comes back as it is, without a copy. */
export function cleanJson(value: Json): Json {
  return SUSPECT.test(JSON.stringify(value)) ? rebuilt(value) : value;
}

/** JSON text of a value, fit for jsonb. */
export function storableJson(value: Json): string {
  const text = JSON.stringify(value);
  return SUSPECT.test(text) ? JSON.stringify(rebuilt(value)) : text;
}

function rebuilt(value: Json): Json {
  if (typeof value === "string") return cleanText(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(rebuilt);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [cleanText(key), rebuilt(item)]));
}
