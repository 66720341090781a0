import { AsyncResource } from "node:async_hooks";
import type { Context } from "../context.ts";
import type { CommittedEvents } from "../ports.ts";
import { Feed } from "./feed.ts";
import { isOutage } from "./outage.ts";
import { NO_STREAM, type Page, readPages } from "./queries.ts";

export interface FeedOptions {
  /** How often the heads of all feeds are asked for, in case wake-ups got lost (ms). */
  readonly recheckMs: number;
  /** A busy stream sends a batch per window (ms); the first ones after silence go at once. */
  readonly windowMs: number;
}

/** Between two reads of the log, so that what many streams write at a time is read together (ms). */
const PACE_MS = 4;
/**
 * After a read that nobody waits for: so many times as long as it took, at most so long (ms). Others' commits say not
 * which streams they are of, so that each is a look at all; with a thousand streams that may take a third of the time.
 */
const REST = { times: 3, mostMs: 100 };
/** A feed that nobody reads stays so long, for those who come back. */
const LINGER_MS = 15_000;
const RETRY = { firstMs: 50, mostMs: 500 };

interface Entry {
  readonly feed: Feed;
  users: number;
  idleSince: number;
  /** When its readers are to hear of what the feed has got; null: they have. */
  tellAt: number | null;
  /** When the log is to be read, which may have more; null: it has not. */
  readAt: number | null;
  waiting: Waiting[];
}

/** Who wants to know everything that was committed before he came. */
interface Waiting {
  readonly resolve: () => void;
  /** The head as the first read after that found it, which may take several reads to come to; null: none was yet. */
  head: number | null;
}

/**
 * The streams that this process reads. One statement reads all that are due, one timer waits for the next: what
 * it costs follows the number of batches, not of readers or streams.
 */
export class Feeds {
  readonly #ctx: Context;
  readonly #options: FeedOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #due = new Set<Entry>();
  readonly #unlisten: () => void;
  readonly #recheck: NodeJS.Timeout;
  #cancelTimer = () => {};
  #timerAt = Number.POSITIVE_INFINITY;
  #reading = false;
  #lastRead = Number.NEGATIVE_INFINITY;
  #restUntil = Number.NEGATIVE_INFINITY;
  #retryMs = 0;
  #closed = false;
  /** In nobody's context: what is read for many ends with nobody's deadline. */
  readonly #tickDue = AsyncResource.bind(() => this.#tick());
  readonly #announce = AsyncResource.bind((feed: Feed, now: number) =>
    feed.announce(now, this.#options.windowMs),
  );

  constructor(ctx: Context, options: FeedOptions) {
    this.#ctx = ctx;
    this.#options = options;
    this.#unlisten = ctx.bus.onWake((ids, committed) =>
      this.#wake(ids ?? [...this.#entries.keys()], committed ?? []),
    );
    this.#recheck = setInterval(() => this.#lookOver(), options.recheckMs).unref();
  }

  /** How many streams are read. */
  get size(): number {
    return this.#entries.size;
  }

  acquire(streamId: string): Feed {
    let entry = this.#entries.get(streamId);
    if (!entry) {
      const feed = new Feed(streamId, (id, after) => this.#page(id, after));
      entry = { feed, users: 0, idleSince: 0, tellAt: null, readAt: null, waiting: [] };
      this.#entries.set(streamId, entry);
    }
    entry.users++;
    return entry.feed;
  }

  release({ streamId }: Feed): void {
    const entry = this.#entries.get(streamId);
    if (entry && --entry.users === 0) entry.idleSince = performance.now();
  }

  /** Resolves when the feed knows everything that was committed before the call; waits for an outage to end. */
  refresh({ streamId }: Feed): Promise<void> {
    const entry = this.#entries.get(streamId);
    if (!entry || this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      entry.waiting.push({ resolve, head: null });
      this.#readFrom(entry, performance.now());
    });
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#recheck);
    this.#cancelTimer();
    this.#unlisten();
    for (const { waiting } of this.#entries.values()) for (const { resolve } of waiting.splice(0)) resolve();
    this.#due.clear();
    this.#entries.clear();
  }

  #wake(ids: readonly string[], committed: readonly CommittedEvents[]): void {
    const now = performance.now();
    for (const id of ids) {
      const entry = this.#entries.get(id);
      if (!entry) continue;
      const grown = committed.find(({ streamId }) => streamId === id);
      const dueAt = entry.feed.dueAt(now, this.#options.windowMs);
      if (!grown || !entry.feed.extend(grown)) this.#readFrom(entry, dueAt);
      // Nothing is waited for: what else this turn of the event loop holds would only come in between.
      else if (dueAt <= now) this.#tell(entry, now);
      else this.#tellFrom(entry, dueAt);
    }
  }

  #tell(entry: Entry, now: number): void {
    entry.tellAt = null;
    this.#announce(entry.feed, now);
  }

  /** Lost wake-ups heal, and what nobody came back for goes. */
  #lookOver(): void {
    const now = performance.now();
    for (const [id, entry] of this.#entries) {
      entry.feed.trim();
      if (entry.users === 0 && now - entry.idleSince > LINGER_MS) this.#entries.delete(id);
      else if (entry.users > 0) this.#readFrom(entry, now);
    }
  }

  #tellFrom(entry: Entry, at: number): void {
    entry.tellAt = Math.min(entry.tellAt ?? at, at);
    this.#due.add(entry);
    this.#arm(entry);
  }

  #readFrom(entry: Entry, at: number): void {
    entry.readAt = Math.min(entry.readAt ?? at, at);
    this.#due.add(entry);
    this.#arm(entry);
  }

  #arm(entry: Entry): void {
    const when = Math.min(entry.tellAt ?? Number.POSITIVE_INFINITY, this.#readableAt(entry));
    if (when >= this.#timerAt || this.#closed) return;
    this.#cancelTimer();
    this.#timerAt = when;
    this.#cancelTimer = later(when - performance.now(), this.#tickDue);
  }

  /** One read of the log at a time. */
  #readableAt({ readAt, waiting }: Entry): number {
    if (readAt === null || this.#reading) return Number.POSITIVE_INFINITY;
    const paced = Math.max(readAt, this.#lastRead + Math.max(PACE_MS, this.#retryMs));
    return waiting.length > 0 ? paced : Math.max(paced, this.#restUntil);
  }

  #tick(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    // A timer may fire up to a millisecond early.
    const soon = now + 1;
    const unread: Entry[] = [];
    for (const entry of this.#due) {
      if (entry.tellAt !== null && entry.tellAt <= soon) this.#tell(entry, now);
      const isRead = this.#readableAt(entry) <= soon;
      if (isRead) unread.push(entry);
      if (entry.tellAt === null && (isRead || entry.readAt === null)) this.#due.delete(entry);
    }
    if (unread.length > 0) void this.#readAll(unread, now);
    for (const entry of this.#due) this.#arm(entry);
  }

  async #readAll(entries: readonly Entry[], now: number): Promise<void> {
    this.#reading = true;
    this.#lastRead = now;
    const waiting = entries.map((entry) => {
      entry.readAt = null;
      return entry.waiting.splice(0);
    });
    try {
      const heads = await this.#readNow(entries);
      entries.forEach((entry, index) => {
        for (const one of waiting[index] ?? []) {
          one.head ??= heads[index] ?? 0;
          if (entry.feed.seq >= one.head) one.resolve();
          else entry.waiting.push(one);
        }
      });
      this.#retryMs = 0;
    } catch (error) {
      this.#failed(error);
      entries.forEach((entry, index) => {
        entry.waiting.unshift(...(waiting[index] ?? []));
        this.#readFrom(entry, now);
      });
    }
    this.#reading = false;
    if (waiting.some(({ length }) => length === 0)) {
      const ended = performance.now();
      this.#restUntil = ended + Math.min(REST.times * (ended - now), REST.mostMs);
    }
    for (const entry of this.#due) this.#arm(entry);
  }

  /** The head of each. */
  async #readNow(entries: readonly Entry[]): Promise<number[]> {
    const asked = entries.map(({ feed }) => ({ streamId: feed.streamId, after: feed.position }));
    const since = entries.map(({ feed }) => (feed.known ? feed.seq : null));
    const pages = await readPages(this.#ctx.db, asked);
    const now = performance.now();
    return entries.map((entry, index) => {
      const page = pages.get(entry.feed.streamId) ?? NO_STREAM;
      const more = entry.feed.apply(page, since[index] ?? null);
      this.#tell(entry, now);
      if (more) this.#readFrom(entry, now);
      return page.head;
    });
  }

  #failed(error: unknown): void {
    if (this.#closed) return;
    const first = this.#retryMs === 0;
    this.#retryMs = Math.min(Math.max(this.#retryMs * 2, RETRY.firstMs), RETRY.mostMs);
    if (!isOutage(error)) this.#ctx.log.error({ error }, "the log could not be read; trying on");
    else if (first) this.#ctx.log.warn({ error }, "the log could not be read; trying on");
  }

  /** One page for somebody who is behind. */
  async #page(streamId: string, after: number): Promise<Page> {
    for (let delay = RETRY.firstMs; ; delay = Math.min(delay * 2, RETRY.mostMs)) {
      try {
        const pages = await readPages(this.#ctx.db, [{ streamId, after }]);
        return pages.get(streamId) ?? NO_STREAM;
      } catch (error) {
        if (this.#closed) return NO_STREAM;
        if (!isOutage(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, delay));
      }
    }
  }
}

/** At the end of this turn of the event loop when there is nothing to wait for: what it commits is read together. */
function later(ms: number, act: () => void): () => void {
  if (ms > 0) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  }
  const immediate = setImmediate(act);
  return () => clearImmediate(immediate);
}
