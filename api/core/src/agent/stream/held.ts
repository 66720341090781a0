import type { Context } from "../../context.ts";
import type { NewEvent } from "../../live/index.ts";
import { type Redactor, redactorOf, type Tail } from "../../redact/index.ts";
import { heldText } from "../../secret-places.ts";
import type { TextDelta } from "./drafts.ts";
import { TextMerger } from "./merge.ts";

/** The part of an execution's row that keeps the ends of its messages. */
export interface Holder {
  readonly id: string;
  readonly projectId: string;
  readonly heldSealed: Uint8Array | null;
}

/** Most characters kept of all messages that stream at the same time; over that the oldest goes out as it is. */
const MOST_KEPT = 8 * 1024;

/**
 * The ends of the messages that stream, by message: a secret that comes in two deltas must be known before its first
 * half is told. They lie sealed in the execution's row and change with it in the transaction that answers for the
 * deltas, so that what is held back outlives the process, and whoever writes next goes on with it.
 */
export class HeldTexts {
  readonly #redactor: Redactor;
  readonly #tails: Map<string, Tail>;
  #changed = false;

  constructor(redactor: Redactor, tails: Map<string, Tail>) {
    this.#redactor = redactor;
    this.#tails = tails;
  }

  /** What of the message's next piece, and of what was held back before, can be told now; first what has to give way. */
  add(messageId: string, more: string): TextDelta[] {
    const before = this.#tails.get(messageId) ?? null;
    const { text, tail } = this.#redactor.piece(before, more);
    this.#tails.delete(messageId);
    this.#tails.set(messageId, tail);
    this.#changed = true;
    return [...this.#giveWay(), delta(messageId, text)];
  }

  /** The whole message stands for what was held back of it. */
  close(messageId: string): void {
    if (this.#tails.delete(messageId)) this.#changed = true;
  }

  /** All that is held back, because nothing more comes. */
  rest(): TextDelta[] {
    return [...this.#tails]
      .map(([messageId, tail]) => delta(messageId, this.#redactor.rest(tail)))
      .filter(({ text }) => text !== "");
  }

  /** The column as it must be now; nothing when it is so already. */
  changes(tx: Context, id: string): { heldSealed?: Uint8Array<ArrayBuffer> | null } {
    if (!this.#changed) return {};
    if (this.#tails.size === 0) return { heldSealed: null };
    const plain = Buffer.from(JSON.stringify([...this.#tails]));
    return { heldSealed: new Uint8Array(tx.secrets.seal(plain, heldText.bind(id))) };
  }

  #giveWay(): TextDelta[] {
    const out: TextDelta[] = [];
    let kept = [...this.#tails].reduce(
      (sum, [messageId, { text }]) => sum + messageId.length + text.length,
      0,
    );
    for (const [messageId, tail] of this.#tails) {
      if (kept <= MOST_KEPT || this.#tails.size === 1) break;
      kept -= messageId.length + tail.text.length;
      this.#tails.delete(messageId);
      out.push(delta(messageId, this.#redactor.rest(tail)));
    }
    return out;
  }
}

function delta(messageId: string, text: string): TextDelta {
  return { kind: "textDelta", messageId, text };
}

/** What the row, locked by this transaction, holds back. */
export async function openHeld(tx: Context, row: Holder): Promise<HeldTexts> {
  const redactor = await redactorOf(tx, row.projectId);
  return new HeldTexts(redactor, new Map(row.heldSealed ? unseal(tx, row.id, row.heldSealed) : []));
}

function unseal(tx: Context, id: string, sealed: Uint8Array): [string, Tail][] {
  try {
    return JSON.parse(tx.secrets.open(sealed, heldText.bind(id)).toString()) as [string, Tail][];
  } catch (error) {
    // Its key is gone: the run must be able to go on.
    tx.log.error({ error, executionId: id }, "the held ends of a run's messages do not open");
    return [];
  }
}

/** The events of all that the row holds back, for whoever ends or takes over the run and clears the column. */
export async function releaseHeld(tx: Context, row: Holder): Promise<NewEvent[]> {
  if (!row.heldSealed) return [];
  const merger = new TextMerger();
  for (const rest of (await openHeld(tx, row)).rest()) merger.add(rest);
  return merger.events.flatMap((event) =>
    event.kind === "textDelta"
      ? [{ type: "AgentTextDelta", data: { messageId: event.messageId, text: event.text } } as const]
      : [],
  );
}
