import { createRedactor } from "@shiplog/core";

/** Names of fields whose values nobody may read in a log, in any spelling, however deep they lie. */
const SECRET_NAME =
  /^(authorization|proxy-authorization|cookie|set-cookie|x-hub-signature.*|variables|.*(password|passwd|passphrase|secret|token|api[-_]?key|private[-_]?key|credential).*)$/i;
/** Counts of tokens that a model used, which only look like one. */
const COUNTED = /^(.*tokens|tokenCount|tokenLimit)$/i;

/** Secrets that stand in the middle of a text, an error's message above all. */
const SECRET_TEXT: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/]{0,200}):[^\s@/]{1,500}@/gi, "$1:[redacted]@"],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, "$1 [redacted]"],
  [/\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]{5,}/g, "[redacted]"],
  [/\bslk_[0-9A-Za-z_]{20,}/g, "[redacted]"],
  [/\bsss_[0-9a-z]{26}\.[\w-]{20,}/g, "[redacted]"],
  [/\b(gh[opsur]_|github_pat_|sk-|xox[abprs]-)[\w-]{16,}/g, "[redacted]"],
  [/\b((?:password|secret|token)["']?\s*[=:]\s*["']?)[^\s"',;&]{1,500}/gi, "$1[redacted]"],
];

/** What a terminal or a reader of lines may act on: control characters but for newline and tab, and text direction. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
const ACTIVE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

const REDACTED = "[redacted]";

/** Knows the forms of secrets; with `knowSecrets` also those of this installation, in every encoding. */
let redactor = createRedactor();

/** The secrets of the configuration: they are cut out of every line from now on. */
export function knowSecrets(secrets: readonly string[]): void {
  redactor = createRedactor(secrets);
}
const MOST = { depth: 6, items: 50, text: 8 * 1024, line: 64 * 1024 } as const;

/** Characters that a line may still hold: many values that are each bounded are not. */
interface Room {
  left: number;
}

function inert(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function cleanText(text: string, room: Room): string {
  const most = Math.min(MOST.text, Math.max(0, room.left));
  // A secret that the limit would cut in two is left out whole.
  let clean =
    text.length > most
      ? `${redactor.piece(null, text.slice(0, most)).text}… (${text.length} characters)`
      : redactor.text(text);
  room.left -= clean.length;
  for (const [pattern, replacement] of SECRET_TEXT) clean = clean.replace(pattern, replacement);
  return clean.replace(ACTIVE, inert);
}

/** What an error says, without what libraries hang on it: statements, parameters, whole clients. */
function cleanError(error: Error, depth: number, room: Room): object {
  const { name, message, stack, cause, code } = error as Error & { code?: unknown };
  return {
    type: cleanText(name, room),
    message: cleanText(message, room),
    ...(typeof code === "string" && { code: cleanText(code, room) }),
    ...(stack && { stack: cleanText(stack, room) }),
    ...(cause !== undefined && { cause: clean(cause, depth + 1, room) }),
  };
}

function cleanObject(value: object, depth: number, room: Room): object {
  const entries = Object.entries(value).slice(0, MOST.items);
  return Object.fromEntries(
    entries.map(([name, inner]) => [
      cleanText(name, room),
      SECRET_NAME.test(name) && !COUNTED.test(name) && inner !== null
        ? REDACTED
        : clean(inner, depth + 1, room),
    ]),
  );
}

function clean(value: unknown, depth: number, room: Room): unknown {
  // What holds nothing takes room as well.
  room.left -= 4;
  if (typeof value === "string") return cleanText(value, room);
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return value;
  if (depth > MOST.depth || room.left <= 0) return "[deep]";
  if (value instanceof Error) return cleanError(value, depth, room);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map || value instanceof Headers)
    return cleanObject(Object.fromEntries(value), depth, room);
  if (Array.isArray(value)) return value.slice(0, MOST.items).map((item) => clean(item, depth + 1, room));
  return cleanObject(value, depth, room);
}

/**
 * The fields of a log line as they may be written: secrets cut by name at any depth and by shape in any text, nothing
 * that a terminal acts on, everything bounded.
 */
export function redact(fields: object): Record<string, unknown> {
  return clean(fields, 0, { left: MOST.line }) as Record<string, unknown>;
}

/** The same for the line's message. */
export function redactText(text: string): string {
  return cleanText(text, { left: MOST.text });
}
