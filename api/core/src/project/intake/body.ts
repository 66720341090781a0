import { jsonExcess } from "../../json.ts";
import type { Json } from "../../ports.ts";
import type { Redactor } from "../../redact/index.ts";

export type BodyFormat = "json" | "form";

/** How the body is written; null = in no way that a webhook may use. */
export function bodyFormat(contentType: string | undefined): BodyFormat | null {
  switch (contentType?.split(";")[0]?.trim().toLowerCase()) {
    case "application/json":
      return "json";
    case "application/x-www-form-urlencoded":
      return "form";
    default:
      return null;
  }
}

/** The JSON text of a body: all of it, or the form field `payload`; null when there is none or it is not UTF-8. */
export function bodyText(format: BodyFormat, body: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    return format === "json" ? text : new URLSearchParams(text).get("payload");
  } catch {
    return null;
  }
}

/** The payload, which must be a JSON object; null when it is anything else. */
export function parsePayload(format: BodyFormat, body: Uint8Array): { readonly [key: string]: Json } | null {
  const text = bodyText(format, body);
  if (text === null || jsonExcess(text)) return null;
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as { [key: string]: Json }) : null;
  } catch {
    return null;
  }
}

/** The body as it may be stored: the same bytes unless there is a secret in it. */
export function withoutSecrets(
  body: Uint8Array,
  contentType: string | undefined,
  { text, json }: Redactor,
): Uint8Array {
  const format = bodyFormat(contentType);
  const before = format && bodyText(format, body);
  if (!format || before === null || text(before) === before) return body;
  const payload = JSON.stringify(json(JSON.parse(before)));
  return Buffer.from(format === "json" ? payload : new URLSearchParams({ payload }).toString());
}
