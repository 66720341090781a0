import type { Context } from "../context.ts";
import { encodeCursor } from "./cursor.ts";
import { isOutage } from "./outage.ts";
import type { Page, PageStart, StoredEvent } from "./queries.ts";
import type { StreamWatch } from "./watch.ts";

/** A piece of a stream as a reader gets it. */
export interface Batch {
  readonly events: readonly StoredEvent[];
  /** Everything up to here was delivered; pass it as `after` to go on from here. */
  readonly cursor: string;
  /** This batch ends at the head. */
  readonly caughtUp: boolean;
  /** The position asked for is not to be had: reload the state; the stream goes on from the head. */
  readonly reset: boolean;
}

/** Where a reader begins; "lost": at a position that cannot be honoured. */
export type Start = PageStart | "lost";

const DONE = { done: true, value: undefined } as const;
/** Pauses between attempts while the log cannot be read. */
const RETRY = { firstMs: 50, mostMs: 1_000 };

/**
 * A position in a stream, not a queue: it reads the log only when its consumer pulls, so one that stalls holds
 * nothing. A plain iterator instead of a generator, because `return()` of a generator that awaits a wake-up
 * would wait with it.
 */
export class StreamReader implements AsyncIterableIterator<Batch, undefined> {
  readonly #ctx: Context;
  readonly #watch: StreamWatch;
  readonly #replayLimit: number;
  readonly #onClose: () => void;
  #position: Start;
  #started = false;
  #ended = false;
  #closed = false;
  #failure: Error | null = null;
  #interrupt: (() => void) | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  /** The last batch handed out; null before the first. */
  last: Batch | null = null;

  /** `replayLimit`: who comes with a position further behind the head is told to reload instead. */
  constructor(ctx: Context, watch: StreamWatch, start: Start, replayLimit: number, onClose: () => void) {
    this.#ctx = ctx;
    this.#watch = watch;
    this.#position = start;
    this.#replayLimit = replayLimit;
    this.#onClose = onClose;
  }

  /** The stream has ended and everything of it was delivered. */
  get finished(): boolean {
    return this.#ended;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Batch, undefined>> {
    const turn = this.#turn.then(() => this.#pull());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async return(): Promise<IteratorResult<Batch, undefined>> {
    this.#close();
    return DONE;
  }

  /** Ends the reader with an error, which the next pull throws; what was not delivered yet never is. */
  fail(error: Error): void {
    if (this.#closed) return;
    this.#failure = error;
    this.#close();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#interrupt?.();
    this.#onClose();
  }

  async #pull(): Promise<IteratorResult<Batch, undefined>> {
    while (!this.#closed && !this.#ended) {
      const { version } = this.#watch;
      const page = await this.#read();
      if (this.#closed || !page) break;
      const batch = this.#advance(page);
      if (batch) {
        this.last = batch;
        return { done: false, value: batch };
      }
      if (!this.#ended) await this.#woken(version);
    }
    return this.#finish();
  }

  #finish(): IteratorResult<Batch, undefined> {
    const failure = this.#failure;
    this.#failure = null;
    this.#close();
    if (failure) throw failure;
    return DONE;
  }

  /** Null when the reader was closed meanwhile. An outage of the database is waited for, not passed on. */
  async #read(): Promise<Page | null> {
    const start = this.#position === "lost" ? { tail: 0 } : this.#position;
    for (let delay = RETRY.firstMs; !this.#closed; delay = Math.min(delay * 2, RETRY.mostMs)) {
      try {
        return await this.#watch.read(this.#ctx, start);
      } catch (error) {
        if (!isOutage(error)) throw error;
        if (delay === RETRY.firstMs) {
          this.#ctx.log.warn(
            { error, streamId: this.#watch.streamId },
            "the log could not be read; trying on",
          );
        }
        await this.#pause(delay);
      }
    }
    return null;
  }

  /** Moves on over a page; null when there is nothing to tell. The first batch comes even when it is empty. */
  #advance(page: Page): Batch | null {
    const first = !this.#started;
    this.#started = true;
    const limit = first ? this.#replayLimit : Number.POSITIVE_INFINITY;
    const reset = this.#position === "lost" || !reachable(this.#position, page, limit);
    const events = reset ? [] : page.events;
    const caughtUp = reset || page.toHead;
    const seq = caughtUp ? page.head : (events.at(-1)?.seq ?? page.head);
    this.#position = { after: seq };
    this.#ended = page.ended && caughtUp;
    if (!first && !reset && events.length === 0) return null;
    return { events, cursor: this.#cursorAt(seq), caughtUp, reset };
  }

  #cursorAt(seq: number): string {
    return encodeCursor({ streamId: this.#watch.streamId, seq, epoch: this.#ctx.epoch });
  }

  #woken(version: number): Promise<void> {
    if (this.#watch.version !== version || this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = this.#watch.onWake(() => this.#interrupt?.());
      this.#interrupt = () => {
        this.#interrupt = null;
        stop();
        resolve();
      };
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#interrupt?.(), ms);
      this.#interrupt = () => {
        this.#interrupt = null;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** A position that was pruned, lies too far back or beyond the head (a restored database) cannot be honoured. */
function reachable(position: PageStart, { head, firstSeq }: Page, replayLimit: number): boolean {
  if ("tail" in position) return true;
  const { after } = position;
  return after <= head && after >= firstSeq - 1 && head - after <= replayLimit;
}
