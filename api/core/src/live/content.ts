import { cleanText } from "../clean.ts";
import type { Context } from "../context.ts";
import type { Json } from "../ports.ts";

/** An event holds at most 16 KiB; a part that takes more than this as JSON (bytes of UTF-8) is stored apart. */
export const INLINE_LIMIT = 8 * 1024;
const PREVIEW_CHARS = 1024;

/** A text as an event carries it. */
export interface Fitted {
  readonly text: string;
  /** `text` is only the beginning; the whole is the EventContent `contentId`. */
  readonly truncated: boolean;
  /** UUID of the stored whole; null when `text` is the whole. */
  readonly contentId: string | null;
}

/** Keeps a text inline, or stores it as content in the caller's transaction and keeps a preview. */
export async function fitText(
  tx: Context,
  owner: { readonly projectId: string; readonly streamId: string },
  text: string,
  mediaType = "text/plain",
): Promise<Fitted> {
  const body = cleanText(text);
  if (fits(body)) return { text: body, truncated: false, contentId: null };
  const id = tx.newId();
  await tx.db.eventContent.create({
    data: { id, ...owner, mediaType, body, createdAt: tx.clock.now() },
  });
  return { text: body.slice(0, PREVIEW_CHARS).toWellFormed(), truncated: true, contentId: id };
}

/** The beginning of a text that takes at most so many bytes as JSON. */
export function cutText(text: string, bytes: number): string {
  let cut = text.slice(0, bytes);
  while (jsonBytes(cut) > bytes) cut = cut.slice(0, Math.floor(cut.length * 0.75));
  return cut.toWellFormed();
}

/** Bytes that a value takes inside an event. */
export function jsonBytes(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Escapes count: a text of control characters is six times as long in JSON. */
function fits(text: string): boolean {
  return text.length <= INLINE_LIMIT && jsonBytes(text) <= INLINE_LIMIT;
}
