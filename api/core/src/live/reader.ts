import type { Feed, Slice } from "./feed.ts";
import { type Batch, batchOf, beginAt, resetBatch, type Start } from "./position.ts";

const DONE = { done: true, value: undefined } as const;

/** What a reader needs of the stream it reads. */
export interface ReaderSource {
  readonly feed: Feed;
  readonly start: Start;
  readonly replayLimit: number;
  readonly epoch: string;
  /** Resolves when the feed knows what was committed before the call. */
  refresh(): Promise<void>;
  release(): void;
}

/**
 * A position in a stream, not a queue: it reads only when its consumer pulls, so one that stalls holds nothing.
 * A plain iterator instead of a generator, because `return()` of a generator that awaits a change would wait
 * with it. (Sockets are served by @shiplog/live, which pushes; this is for consumers inside of the process.)
 */
export class StreamReader implements AsyncIterableIterator<Batch, undefined> {
  readonly #source: ReaderSource;
  #position: number | null = null;
  #started = false;
  #ended = false;
  #closed = false;
  #failure: Error | null = null;
  #interrupt: (() => void) | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(source: ReaderSource) {
    this.#source = source;
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
    this.#source.release();
  }

  async #pull(): Promise<IteratorResult<Batch, undefined>> {
    while (!this.#closed && !this.#ended) {
      const batch = this.#started ? await this.#next() : await this.#first();
      if (this.#closed) break;
      this.#ended = this.#source.feed.ended && (batch === null || batch.caughtUp);
      if (batch) return { done: false, value: batch };
      if (!this.#ended) await this.#change();
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

  /** Comes at once, empty if need be. */
  async #first(): Promise<Batch | null> {
    const { feed, start, replayLimit, refresh } = this.#source;
    await this.#race(refresh());
    if (this.#closed) return null;
    this.#started = true;
    this.#position = beginAt(feed, start, replayLimit);
    return (await this.#next()) ?? this.#advance({ events: [], to: feed.seq });
  }

  /** Null when there is nothing to tell. */
  async #next(): Promise<Batch | null> {
    const { feed, epoch } = this.#source;
    for (;;) {
      const at = this.#position;
      if (at === null || !feed.holds(at)) {
        this.#position = feed.seq;
        return resetBatch(feed, epoch);
      }
      if (at === feed.seq) return null;
      const slice = feed.sliceInMemory(at);
      const batch = slice && this.#advance(slice);
      if (batch) return batch;
      if (!slice) await this.#race(feed.load(at));
      if (this.#closed) return null;
    }
  }

  /** Null when only compacted events lay on the way. */
  #advance(slice: Slice): Batch | null {
    const empty = slice.events.length === 0 && this.#position !== null && slice.to > this.#position;
    this.#position = slice.to;
    return empty ? null : batchOf(this.#source.feed, slice, this.#source.epoch);
  }

  #change(): Promise<void> {
    const { feed } = this.#source;
    // It may have changed since it was looked at.
    if (this.#position !== feed.seq || feed.ended) return Promise.resolve();
    let stop = () => {};
    const changed = new Promise<void>((resolve) => {
      stop = feed.onChange(resolve);
    });
    return this.#race(changed).finally(() => stop());
  }

  /** Over when the reader is closed, too. */
  #race(work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#interrupt = resolve;
      work.then(resolve, reject);
    });
  }
}
