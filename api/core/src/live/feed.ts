import { storableJson } from "../clean.ts";
import type { CommittedEvents, Json } from "../ports.ts";
import { cursorsOf } from "./cursor.ts";
import { HEAD_ONLY, type Page, type StoredEvent } from "./queries.ts";

/** A run of events as they are handed out: behind some seq, up to and including `to`. */
export interface Slice {
  readonly events: readonly StoredEvent[];
  readonly to: number;
}

/**
 * What is handed out at once: so little that a message of it, added to what a socket has not sent yet, stays
 * within the bytes a stalled reader may cost. One event is always allowed.
 */
export const SLICE = { events: 256, bytes: 24 * 1024 } as const;

/** An event's own fields in an answer, beside its data. */
const FIELD_BYTES = 80;

/** Of a stream's newest events so many bytes stay in memory: whoever comes back meanwhile asks no database. */
const KEPT_BYTES = 64 * 1024;

/** Batches that a silent stream may send without a pause. */
const BURST = 3;

/** Loads a page behind a seq; never rejects for an outage, which it waits for. */
export type LoadPage = (streamId: string, after: number) => Promise<Page>;

/**
 * One stream that this process reads: its head as last read, and its newest events. Readers are positions in it;
 * what lies further back than its memory is read from the log, by all that ask for it at a time at once.
 */
export class Feed {
  readonly streamId: string;
  readonly #load: LoadPage;
  readonly #listeners = new Set<() => void>();
  /** Everything up to here is known. */
  seq = 0;
  firstSeq = 1;
  /** The terminal event is known. */
  ended = false;
  /** Read at least once. */
  known = false;
  /** As last read. */
  #head = 0;
  /** Up to when the batches sent so far are paid for at one per window (ms of the monotonic clock). */
  #paidUntil = Number.NEGATIVE_INFINITY;
  /** seq, firstSeq and end as the readers know them. */
  #announced: readonly [number, number, boolean] = [0, 1, false];
  /** Behind this seq, all events are in `#events`. */
  #from = 0;
  #events: StoredEvent[] = [];
  #bytes = 0;
  /** The last page read for somebody who is behind, and those under way. */
  #page: { readonly after: number; readonly events: readonly StoredEvent[]; readonly to: number } | null =
    null;
  readonly #loading = new Map<number, Promise<void>>();
  #cursors: ((seq: number) => string) | null = null;

  constructor(streamId: string, load: LoadPage) {
    this.streamId = streamId;
    this.#load = load;
  }

  /** `epoch`: of the database, which is the same as long as the process lives. */
  cursorAt(seq: number, epoch: string): string {
    this.#cursors ??= cursorsOf(this.streamId, epoch);
    return this.#cursors(seq);
  }

  /** Where the next read of the log begins. */
  get position(): number {
    return this.known ? this.seq : HEAD_ONLY;
  }

  /** Not yet at the head that the log was last found to have. */
  get behind(): boolean {
    return this.seq < this.#head;
  }

  /** Calls back after every change; returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Takes over a page; `since`: the position when it was asked for. A head below that was not there before: the
   * database was restored. One below the present position is only old: it was read before something came in.
   * True: there is more to read at once.
   */
  apply(page: Page, since: number | null): boolean {
    if (!this.known || (since !== null && page.head < since)) this.#jump(page);
    else for (const event of page.events) this.#push(event);
    this.known = true;
    this.#head = page.head;
    // Compacted events may lie between the last one and the head.
    if (page.toHead) this.seq = Math.max(this.seq, page.head);
    if (page.ended && page.toHead && page.head === this.seq) this.ended = true;
    if (page.firstSeq > this.firstSeq) this.#prune(page.firstSeq);
    return !page.toHead;
  }

  /**
   * Takes over what a transaction of this process has committed, as the log holds it; false when it does not follow
   * what is known, and the log has to be read.
   */
  extend({ events, ends }: CommittedEvents): boolean {
    const [first] = events;
    if (!this.known || !first || this.ended || first.seq > this.seq + 1) return false;
    for (const { seq, at, type, data } of events) {
      if (seq <= this.seq) continue;
      const text = storableJson(data);
      this.#push({ seq, at, type, data: JSON.parse(text) as Json, bytes: Buffer.byteLength(text) });
    }
    if (ends && events.at(-1)?.seq === this.seq) this.ended = true;
    return true;
  }

  /** When the next batch may go out: at once after silence, then at most `BURST` in a row, then one per window. */
  dueAt(now: number, windowMs: number): number {
    return Math.max(now, this.#paidUntil - (BURST - 1) * windowMs);
  }

  /** Tells the readers of what changed since they were told last. */
  announce(now: number, windowMs: number): void {
    const { seq, firstSeq, ended } = this;
    const [knownSeq, knownFirst, knownEnd] = this.#announced;
    if (seq === knownSeq && firstSeq === knownFirst && ended === knownEnd) return;
    if (seq > knownSeq) this.#paidUntil = Math.max(now, this.#paidUntil) + windowMs;
    this.#announced = [seq, firstSeq, ended];
    for (const listener of [...this.#listeners]) listener();
  }

  #jump({ head, firstSeq }: Page): void {
    this.seq = head;
    this.#head = head;
    this.firstSeq = firstSeq;
    this.ended = false;
    this.#from = head;
    this.#events = [];
    this.#bytes = 0;
    this.#page = null;
  }

  #push(event: StoredEvent): void {
    if (event.seq <= this.seq) return;
    this.seq = event.seq;
    this.#events.push(event);
    this.#bytes += event.bytes + FIELD_BYTES;
    let drop = 0;
    while (this.#bytes > KEPT_BYTES && drop < this.#events.length - 1) {
      const dropped = this.#events[drop++] as StoredEvent;
      this.#bytes -= dropped.bytes + FIELD_BYTES;
      this.#from = dropped.seq;
    }
    if (drop > 0) this.#events.splice(0, drop);
  }

  #prune(firstSeq: number): void {
    this.firstSeq = firstSeq;
    this.#page = null;
    const keep = this.#events.findIndex((event) => event.seq >= firstSeq);
    const gone = this.#events.splice(0, keep < 0 ? this.#events.length : keep);
    for (const event of gone) this.#bytes -= event.bytes + FIELD_BYTES;
    this.#from = Math.max(this.#from, firstSeq - 1);
    this.seq = Math.max(this.seq, firstSeq - 1);
  }

  /** Whether a position can be gone on from: neither pruned nor beyond the head (a restored database). */
  holds(seq: number): boolean {
    return seq <= this.seq && seq >= this.firstSeq - 1;
  }

  /** The next slice behind a position that the feed holds, if it is in memory; empty at the head. */
  sliceInMemory(after: number): Slice | null {
    if (after >= this.#from) return cut(this.#events, after, this.seq);
    const page = this.#page;
    if (page && after >= page.after && after < page.to) return cut(page.events, after, page.to);
    return null;
  }

  /** Brings the events behind a position into memory; afterwards it may turn out to be pruned. */
  load(after: number): Promise<void> {
    const loading = this.#loading.get(after) ?? this.#loadPage(after);
    this.#loading.set(after, loading);
    return loading;
  }

  async #loadPage(after: number): Promise<void> {
    try {
      const since = this.seq;
      const page = await this.#load(this.streamId, after);
      // It tells of pruning, or of a restored database, before the next look at the head does.
      if (page.head < since) this.#jump(page);
      else if (page.firstSeq > this.firstSeq) this.#prune(page.firstSeq);
      if (this.holds(after)) this.#keep(after, page);
    } finally {
      this.#loading.delete(after);
    }
  }

  #keep(after: number, page: Page): void {
    const events = page.events.filter((event) => event.seq <= this.#from);
    // Not the head of now: since it was read the stream may have grown by more than stays in memory.
    const end = page.toHead ? page.head : (page.events.at(-1)?.seq ?? after);
    const reachesMemory = end >= this.#from;
    const bytes = events.reduce((sum, event) => sum + event.bytes + FIELD_BYTES, 0);
    if (reachesMemory && after < this.#from && this.#bytes + bytes <= KEPT_BYTES) {
      this.#events = [...events, ...this.#events];
      this.#bytes += bytes;
      this.#from = after;
    } else {
      this.#page = { after, events, to: Math.min(end, this.#from) };
    }
  }

  /** Lets go of what only those who are far behind need. */
  trim(): void {
    this.#page = null;
  }
}

/** The events behind `after`, within the limits of a slice; `end` is where they all end. */
function cut(events: readonly StoredEvent[], after: number, end: number): Slice {
  let first = lowerBound(events, after);
  const start = first;
  let bytes = 0;
  for (; first < events.length; first++) {
    bytes += (events[first] as StoredEvent).bytes + FIELD_BYTES;
    if (first > start && (bytes > SLICE.bytes || first - start >= SLICE.events)) break;
  }
  const slice = events.slice(start, first);
  return { events: slice, to: first < events.length ? (slice.at(-1)?.seq ?? end) : end };
}

/** Index of the first event behind `after`. */
function lowerBound(events: readonly StoredEvent[], after: number): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle] as StoredEvent).seq <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
