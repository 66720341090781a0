import type { Batch } from "@shiplog/core/live";
import type { ExecutionResult } from "graphql";

interface Parts {
  readonly from: number;
  readonly to: number;
  readonly cursor: string;
  readonly reset: boolean;
  readonly events: number;
  readonly text: string;
}

/** A result as it goes over the wire, made once for everybody whom it serves. */
export class Message {
  /** The position behind which its events lie, and where they end. */
  readonly from: number;
  readonly to: number;
  /** Cursor of `to`. */
  readonly cursor: string;
  readonly reset: boolean;
  /** How many events it tells of. */
  readonly events: number;
  /** The result as JSON; empty when there is nothing to send, and the position just moves on. */
  readonly text: string;
  /** Of the text in UTF-8. */
  readonly bytes: number;
  #body: Buffer | null = null;
  #latin1: string | null = null;
  #event: Buffer | null = null;

  constructor({ from, to, cursor, reset, events, text }: Parts) {
    this.from = from;
    this.to = to;
    this.cursor = cursor;
    this.reset = reset;
    this.events = events;
    this.text = text;
    this.bytes = Buffer.byteLength(text);
  }

  /** The bytes of the text, one a character: what is written as "latin1" is the text in UTF-8. */
  get latin1(): string {
    this.#latin1 ??= this.bytes === this.text.length ? this.text : this.body.toString("latin1");
    return this.#latin1;
  }

  /** The text in UTF-8; made when somebody needs it. */
  get body(): Buffer {
    this.#body ??= Buffer.from(this.text);
    return this.#body;
  }

  /** As an event of an event stream, whose `id` a reconnecting event source sends as Last-Event-ID. */
  get event(): Buffer {
    this.#event ??= Buffer.from(`event: next\nid: ${this.cursor}\ndata: ${this.text}\n\n`);
    return this.#event;
  }
}

export function messageOf(batch: Batch, from: number, to: number, result: ExecutionResult): Message {
  const { cursor, reset, events } = batch;
  return new Message({ from, to, cursor, reset, events: events.length, text: JSON.stringify(result) });
}

/** Only compacted events lay on the way. */
export function silentMessage(from: number, to: number): Message {
  return new Message({ from, to, cursor: "", reset: false, events: 0, text: "" });
}
