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
/** A feed that nobody reads stays so long, for those who come back. */
const LINGER_MS = 15_000;
const RETRY = { firstMs: 50, mostMs: 500 };

interface Entry {
  readonly feed: Feed;
  users: number;
  idleSince: number;
  /** When its readers are to hear of what is new; null: there is nothing. */
  dueAt: number | null;
  /** What is new lies in the log; else the feed has it already. */
  unread: boolean;
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
      entry = { feed, users: 0, idleSince: 0, dueAt: null, unread: true, waiting: [] };
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
      entry.unread = true;
      this.#schedule(entry, performance.now());
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
      if (!grown || !entry.feed.extend(grown)) entry.unread = true;
      const dueAt = entry.feed.dueAt(now, this.#options.windowMs);
      // Nothing is read or waited for: what else this turn of the event loop holds would only come in between.
      if (!entry.unread && dueAt <= now) this.#announceNow(entry, now);
      else this.#schedule(entry, dueAt);
    }
  }

  #announceNow(entry: Entry, now: number): void {
    this.#due.delete(entry);
    entry.dueAt = null;
    this.#announce(entry.feed, now);
  }

  /** Lost wake-ups heal, and what nobody came back for goes. */
  #lookOver(): void {
    const now = performance.now();
    for (const [id, entry] of this.#entries) {
      entry.feed.trim();
      if (entry.users === 0 && now - entry.idleSince > LINGER_MS) this.#entries.delete(id);
      else if (entry.users > 0) {
        entry.unread = true;
        this.#schedule(entry, now);
      }
    }
  }

  #schedule(entry: Entry, at: number): void {
    if (entry.dueAt === null || at < entry.dueAt) entry.dueAt = at;
    this.#due.add(entry);
    this.#arm(entry);
  }

  #arm(entry: Entry): void {
    const when = this.#whenOf(entry);
    if (when >= this.#timerAt || this.#closed) return;
    this.#cancelTimer();
    this.#timerAt = when;
    this.#cancelTimer = later(when - performance.now(), this.#tickDue);
  }

  /** One read of the log at a time; what need not be read waits for none. */
  #whenOf({ dueAt, unread }: Entry): number {
    if (dueAt === null || (unread && this.#reading)) return Number.POSITIVE_INFINITY;
    return unread ? Math.max(dueAt, this.#lastRead + Math.max(PACE_MS, this.#retryMs)) : dueAt;
  }

  #tick(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    // A timer may fire up to a millisecond early.
    const due = [...this.#due].filter((entry) => this.#whenOf(entry) <= now + 1);
    for (const entry of due) {
      this.#due.delete(entry);
      entry.dueAt = null;
      if (!entry.unread) entry.feed.announce(now, this.#options.windowMs);
    }
    const unread = due.filter((entry) => entry.unread);
    if (unread.length > 0) void this.#readAll(unread, now);
    for (const entry of this.#due) this.#arm(entry);
  }

  async #readAll(entries: readonly Entry[], now: number): Promise<void> {
    this.#reading = true;
    this.#lastRead = now;
    const waiting = entries.map((entry) => {
      entry.unread = false;
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
        entry.unread = true;
        entry.waiting.unshift(...(waiting[index] ?? []));
        entry.dueAt = now;
        this.#due.add(entry);
      });
    }
    this.#reading = false;
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
      entry.feed.announce(now, this.#options.windowMs);
      if (more) {
        entry.unread = true;
        this.#schedule(entry, now);
      }
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
