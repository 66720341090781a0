import { cleanJson } from "../../live/index.ts";
import type { Json } from "../../ports.ts";

/** A value from outside the type system (a step's output, a tool's result) as JSON that can be stored. */
export function toJson(value: unknown): Json {
  const text = JSON.stringify(value);
  return text === undefined ? null : cleanJson(JSON.parse(text) as Json);
}
