import { jsonBytes } from "../../live/index.ts";
import type { EventDraft } from "./drafts.ts";

/** Most bytes of one text event. */
const TEXT_LIMIT = 8 * 1024;

/**
 * Joins adjacent deltas of one message, never across another event, so that nothing is reordered. A joined text
 * that would not fit one event starts another.
 */
export class TextMerger {
  readonly events: EventDraft[] = [];
  /** Text events among `events`. */
  textEvents = 0;
  #lastBytes = 0;

  add(draft: EventDraft): void {
    if (draft.kind === "textDelta") {
      for (const piece of pieces(draft.text)) this.#addText(draft.messageId, piece);
    } else {
      this.events.push(draft);
    }
  }

  #addText(messageId: string, text: string): void {
    const bytes = jsonBytes(text);
    const last = this.events.at(-1);
    const joins =
      last?.kind === "textDelta" && last.messageId === messageId && this.#lastBytes + bytes <= TEXT_LIMIT;
    if (joins) {
      this.events[this.events.length - 1] = { ...last, text: last.text + text };
      this.#lastBytes += bytes;
      return;
    }
    this.events.push({ kind: "textDelta", messageId, text });
    this.#lastBytes = bytes;
    this.textEvents++;
  }
}

/** The text in parts that each fit an event; none for an empty one. */
function pieces(text: string): string[] {
  if (text.length === 0) return [];
  if (text.length * 6 <= TEXT_LIMIT || jsonBytes(text) <= TEXT_LIMIT) return [text];
  let half = text.length >> 1;
  const code = text.charCodeAt(half);
  if (code >= 0xdc00 && code <= 0xdfff) half++;
  return [...pieces(text.slice(0, half)), ...pieces(text.slice(half))];
}
