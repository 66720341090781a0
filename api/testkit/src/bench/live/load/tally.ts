import type { Plan } from "../plan.ts";
import { MARK, NUMBER_DIGITS } from "../plan.ts";

const MARK_BYTE = MARK.charCodeAt(0);
const ZERO = "0".charCodeAt(0);

/** What came, of which event, when and to whom; grows in large steps, away from the garbage collector. */
export class Receipts {
  length = 0;
  events = new Int32Array(1 << 16);
  clients = new Int32Array(1 << 16);
  times = new Float64Array(1 << 16);

  add(event: number, client: number, time: number): void {
    if (this.length === this.events.length) this.#grow();
    this.events[this.length] = event;
    this.clients[this.length] = client;
    this.times[this.length++] = time;
  }

  #grow(): void {
    const size = this.length * 2;
    const { events, clients, times } = this;
    this.events = new Int32Array(size);
    this.clients = new Int32Array(size);
    this.times = new Float64Array(size);
    this.events.set(events);
    this.clients.set(clients);
    this.times.set(times);
  }
}

export interface Counts {
  readonly frames: number;
  /** Pieces of text: deliveries. */
  readonly pieces: number;
  readonly bytes: number;
}

/** What all clients of a group got since `begin`. */
export class Tally {
  frames = 0;
  pieces = 0;
  bytes = 0;
  /** Null: the pieces carry no numbers. */
  receipts: Receipts | null = null;
  #awaited: { readonly pieces: number; readonly resolve: () => void } | null = null;

  begin(plan: Pick<Plan, "numbered">): void {
    this.frames = 0;
    this.pieces = 0;
    this.bytes = 0;
    this.receipts = plan.numbered ? new Receipts() : null;
  }

  /** Resolves when so many pieces came; rejects with how many did. */
  async reached(pieces: number, timeoutMs: number): Promise<void> {
    if (this.pieces >= pieces) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#awaited = { pieces, resolve };
    const timer = setTimeout(
      () => reject(new Error(`${this.pieces} of ${pieces} deliveries came`)),
      timeoutMs,
    );
    await promise.finally(() => {
      clearTimeout(timer);
      this.#awaited = null;
    });
  }

  /** Counts the pieces in a message; returns how many it has. */
  take(bytes: Buffer, start: number, end: number, client: number, time: number): number {
    const { receipts } = this;
    let found = 0;
    for (let at = start; at < end; at++) {
      if (bytes[at] !== MARK_BYTE) continue;
      found++;
      if (receipts) receipts.add(numberAt(bytes, at + 1), client, time);
    }
    this.frames++;
    this.pieces += found;
    this.bytes += end - start;
    if (this.#awaited && this.pieces >= this.#awaited.pieces) this.#awaited.resolve();
    return found;
  }
}

function numberAt(bytes: Buffer, from: number): number {
  let value = 0;
  for (let at = from; at < from + NUMBER_DIGITS; at++) value = value * 10 + (bytes[at] ?? ZERO) - ZERO;
  return value;
}
