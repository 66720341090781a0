import type { Context } from "../context.ts";
import { type Page, type PageStart, readHeads, readPage } from "./queries.ts";

/**
 * One stream that somebody reads. `version` counts its wake-ups: a reader notes it before it reads and waits for
 * a greater one after, so that a wake-up during the read is never lost.
 */
export class StreamWatch {
  readonly streamId: string;
  readers = 0;
  version = 0;
  /** Head of the newest page read; a head beyond it means that a wake-up got lost. */
  #head = 0;
  #ended = false;
  readonly #waiting = new Set<() => void>();
  readonly #reading = new Map<string, Promise<Page>>();

  constructor(streamId: string) {
    this.streamId = streamId;
  }

  wake(): void {
    this.version++;
    // A read that began before this wake-up may lack what it tells of: whoever comes now reads anew.
    this.#reading.clear();
    for (const resolve of [...this.#waiting]) resolve();
  }

  isBehind(head: { readonly seq: number; readonly ended: boolean }): boolean {
    return head.seq !== this.#head || head.ended !== this.#ended;
  }

  /** Calls back at the next wake-up; returns how to stop waiting. */
  onWake(resolve: () => void): () => void {
    this.#waiting.add(resolve);
    return () => void this.#waiting.delete(resolve);
  }

  /** Readers at the same position share one statement. */
  async read(ctx: Context, start: PageStart): Promise<Page> {
    const key = "after" in start ? `${start.after}` : `-${start.tail}`;
    const shared = this.#reading.get(key);
    if (shared) return shared;
    const reading = readPage(ctx.db, this.streamId, start);
    this.#reading.set(key, reading);
    try {
      const page = await reading;
      const news = this.isBehind({ seq: page.head, ended: page.ended });
      this.#head = page.head;
      this.#ended = page.ended;
      // Who waits has read an older page; the wake-up for this one may be lost, and the recheck compares heads.
      if (news && this.#waiting.size > 0) this.wake();
      return page;
    } finally {
      if (this.#reading.get(key) === reading) this.#reading.delete(key);
    }
  }
}

/** The streams that this process reads: one listener on the bus for all of them. */
export class StreamWatches {
  readonly #ctx: Context;
  readonly #watches = new Map<string, StreamWatch>();
  readonly #unlisten: () => void;
  readonly #timer: NodeJS.Timeout;
  #checking = false;
  #checkAgain = false;

  /** Every `recheckMs` the heads of all watched streams are asked for in one statement: lost wake-ups heal. */
  constructor(ctx: Context, recheckMs: number) {
    this.#ctx = ctx;
    this.#unlisten = ctx.bus.onWake((ids) => this.#onWake(ids));
    this.#timer = setInterval(() => void this.#check(), recheckMs).unref();
  }

  acquire(streamId: string): StreamWatch {
    const watch = this.#watches.get(streamId) ?? new StreamWatch(streamId);
    this.#watches.set(streamId, watch);
    watch.readers++;
    return watch;
  }

  release(watch: StreamWatch): void {
    if (--watch.readers === 0) this.#watches.delete(watch.streamId);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#unlisten();
  }

  #onWake(ids: readonly string[] | null): void {
    if (ids === null) void this.#check();
    else for (const id of ids) this.#watches.get(id)?.wake();
  }

  /** A check asked for while one runs makes exactly one more: the running one may have read before the change. */
  async #check(): Promise<void> {
    this.#checkAgain = true;
    if (this.#checking) return;
    this.#checking = true;
    while (this.#checkAgain) {
      this.#checkAgain = false;
      await this.#checkOnce();
    }
    this.#checking = false;
  }

  async #checkOnce(): Promise<void> {
    const ids = [...this.#watches.keys()];
    if (ids.length === 0) return;
    try {
      for (const head of await readHeads(this.#ctx.db, ids)) {
        const watch = this.#watches.get(head.streamId);
        if (watch?.isBehind(head)) watch.wake();
      }
    } catch (error) {
      // The next check makes up for it; readers that read meanwhile report the outage themselves.
      this.#ctx.log.warn({ error }, "the heads of the open streams could not be read");
    }
  }
}
