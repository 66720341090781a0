import { type AccessScope, type Batch, batchOf, type Feed, resetBatch, type Slice } from "@shiplog/core/live";
import type { ExecutionResult } from "graphql";
import { coded } from "../errors.ts";
import { type Message, messageOf, silentMessage } from "./message.ts";
import type { Subscription } from "./subscription.ts";

/** Executes the group's document on a batch; throws or rejects with the error as its members may see it. */
type Execute = (batch: Batch) => ExecutionResult | Promise<ExecutionResult>;

/** What is asked of a stream, apart from where to begin. */
export interface Query {
  /** Equal for two when their results are equal for whoever may see the same. */
  readonly key: string;
  /** Results depend on the viewer beyond his access to the project: they are made for him alone. */
  readonly viewer: string | null;
  /** Executes it as whoever has that access. */
  readonly executeAs: (scope: AccessScope) => Execute;
}

/** What a group keeps of the messages it made, for members that lag and for those who come back. */
const KEPT = { messages: 64, bytes: 64 * 1024 } as const;
/** What was read from the database as it was then is kept so long (ms): those who come back at once share it. */
const KEPT_READ_MS = 1_000;
/**
 * A message of several events has at most so many bytes, one of a single event so many: what is in an event is small,
 * but a document may ask for what it tells of. It may wait in the socket of a reader that stalls.
 */
const MOST_BYTES = { several: 1024 * 1024, single: 4 * 1024 * 1024 } as const;
/** In a stream with more groups none keeps any: documents are cheap to invent. */
const MANY_GROUPS = 16;

export interface GroupOptions {
  readonly feed: Feed;
  /** As its first member asked it. */
  readonly query: Query;
  readonly epoch: string;
  readonly execute: Execute;
  /** Groups of the same stream, this one among them. */
  readonly groups: ReadonlyMap<string, Group>;
  /** The last member left. */
  readonly onEmpty: () => void;
}

/**
 * Everybody who gets the same results of one stream: the same document, variables and access. A batch is executed
 * and serialised once for all; a member is a position in what comes of it, with the log behind.
 */
export class Group {
  readonly #options: GroupOptions;
  readonly #members = new Set<Subscription>();
  readonly #stop: () => void;
  /** By the position behind which they lie. */
  readonly #kept = new Map<number, Message>();
  #keptBytes = 0;
  /** Until when those may be used that are not as good at any time. */
  readonly #keptUntil = new Map<number, number>();
  readonly #making = new Map<number, Promise<Message>>();
  /** Messages without events, for the present head. */
  #empty: Message | Promise<Message> | null = null;
  #reset: Message | Promise<Message> | null = null;
  #headOf: number | null = null;
  /** Everything up to here was made. */
  #seq: number;
  #busy = false;
  /** Executions so far. */
  executions = 0;

  constructor(options: GroupOptions) {
    this.#options = options;
    this.#seq = options.feed.seq;
    this.#stop = options.feed.onChange(() => this.#changed());
  }

  get query(): Query {
    return this.#options.query;
  }

  hasReader(reader: string): boolean {
    for (const member of this.#members) if (member.reader === reader) return true;
    return false;
  }

  join(member: Subscription): void {
    this.#members.add(member);
  }

  leave(member: Subscription): void {
    if (!this.#members.delete(member) || this.#members.size > 0) return;
    this.#stop();
    this.#options.onEmpty();
  }

  /** What lies behind a position that the feed holds and that is not its head. */
  messageAfter(seq: number): Message | Promise<Message> {
    return this.#keptAt(seq) ?? this.#making.get(seq) ?? this.#make(seq);
  }

  /** The first message of a member that begins at the head. */
  emptyMessage(): Message | Promise<Message> {
    this.#forgetHead();
    const { feed, epoch } = this.#options;
    this.#empty ??= this.#memo(batchOf(feed, { events: [], to: feed.seq }, epoch), (message) => {
      this.#empty = message;
    });
    return this.#empty;
  }

  /** Sends a member whose position is lost to the head. */
  resetMessage(): Message | Promise<Message> {
    this.#forgetHead();
    const { feed, epoch } = this.#options;
    this.#reset ??= this.#memo(resetBatch(feed, epoch), (message) => {
      this.#reset = message;
    });
    return this.#reset;
  }

  #forgetHead(): void {
    const { seq } = this.#options.feed;
    if (this.#headOf === seq) return;
    this.#headOf = seq;
    this.#empty = null;
    this.#reset = null;
  }

  #memo(batch: Batch, keep: (message: Message | null) => void): Message | Promise<Message> {
    const { seq } = this.#options.feed;
    const result = this.#execute(batch);
    if (!(result instanceof Promise)) return messageOf(batch, seq, seq, result);
    const current = (message: Message | null) => {
      if (this.#headOf === seq) keep(message);
    };
    return result.then(
      (made) => {
        const message = messageOf(batch, seq, seq, made);
        current(message);
        return message;
      },
      (error: unknown) => {
        current(null);
        throw error;
      },
    );
  }

  #execute(batch: Batch): ExecutionResult | Promise<ExecutionResult> {
    this.executions++;
    return this.#options.execute(batch);
  }

  /** The feed grew, ended, or lost what members may still want. */
  #changed(): void {
    this.#pump();
    const { feed } = this.#options;
    const lost = !feed.holds(this.#seq);
    const over = feed.ended || lost;
    if (lost) {
      this.#seq = feed.seq;
      // Of a future that a restored database does not have.
      this.#kept.clear();
      this.#keptUntil.clear();
      this.#keptBytes = 0;
    }
    if (over) for (const member of [...this.#members]) member.advance();
  }

  /** Makes what is new, for all members that wait for it. */
  #pump(): void {
    const { feed } = this.#options;
    while (!this.#busy && this.#members.size > 0 && feed.holds(this.#seq) && this.#seq < feed.seq) {
      if (!this.#isAwaited()) {
        this.#seq = feed.seq;
        return;
      }
      const at = this.#seq;
      const slice = feed.sliceInMemory(at);
      if (!slice) {
        // It grew by more than stays in memory at a time: each member goes on by itself.
        this.#seq = feed.seq;
        for (const member of [...this.#members]) member.advance();
        return;
      }
      const message = this.#tryMake(at, slice);
      if (message instanceof Promise) {
        this.#busy = true;
        void message.then((made) => {
          this.#busy = false;
          this.#publish(at, made?.to ?? slice.to, made);
          this.#pump();
        });
      } else this.#publish(at, message?.to ?? slice.to, message);
    }
  }

  /** Whether anybody would take what is made; mostly the first one would. */
  #isAwaited(): boolean {
    for (const member of this.#members) if (!member.isStalled) return true;
    return false;
  }

  /** Null when the document failed: who waits finds out by itself. */
  #tryMake(at: number, slice: Slice): Message | null | Promise<Message | null> {
    try {
      const message = this.#makeOf(at, slice);
      return message instanceof Promise ? message.catch(() => null) : message;
    } catch {
      return null;
    }
  }

  #publish(from: number, to: number, message: Message | null): void {
    if (this.#seq === from) this.#seq = to;
    for (const member of this.#members) {
      if (message) member.offer(message);
      else member.advance();
    }
  }

  #make(seq: number): Message | Promise<Message> {
    const { feed } = this.#options;
    const slice = feed.sliceInMemory(seq);
    return slice ? this.#makeOf(seq, this.#aligned(seq, slice)) : this.#loadAndMake(seq);
  }

  #loadAndMake(seq: number): Promise<Message> {
    return this.#share(seq, async () => {
      const { feed } = this.#options;
      for (;;) {
        await feed.load(seq);
        // Pruned meanwhile: the member notices.
        if (!feed.holds(seq)) return silentMessage(seq, seq);
        const slice = feed.sliceInMemory(seq);
        if (slice) return this.#complete(seq, this.#aligned(seq, slice));
      }
    });
  }

  #makeOf(seq: number, slice: Slice): Message | Promise<Message> {
    if (slice.events.length === 0) return silentMessage(seq, slice.to);
    const batch = batchOf(this.#options.feed, slice, this.#options.epoch);
    const result = this.#execute(batch);
    if (result instanceof Promise)
      return this.#share(seq, async () => this.#bounded(seq, slice, batch, await result, KEPT_READ_MS));
    return this.#bounded(seq, slice, batch, result, Number.POSITIVE_INFINITY);
  }

  async #complete(seq: number, slice: Slice): Promise<Message> {
    if (slice.events.length === 0) return silentMessage(seq, slice.to);
    const batch = batchOf(this.#options.feed, slice, this.#options.epoch);
    const result = this.#execute(batch);
    const keptMs = result instanceof Promise ? KEPT_READ_MS : Number.POSITIVE_INFINITY;
    return this.#bounded(seq, slice, batch, await result, keptMs);
  }

  /** The message, of fewer events where it would be too large. */
  #bounded(
    seq: number,
    slice: Slice,
    batch: Batch,
    result: ExecutionResult,
    keptMs: number,
  ): Message | Promise<Message> {
    const message = messageOf(batch, seq, slice.to, result);
    const { length } = slice.events;
    if (length === 1 && message.bytes > MOST_BYTES.single) throw tooLarge();
    if (length === 1 || message.bytes <= MOST_BYTES.several)
      // Of a failure that may have passed.
      return result.errors ? message : this.#keep(message, keptMs);
    const fewer = Math.max(1, Math.floor((length * MOST_BYTES.several) / message.bytes));
    const events = slice.events.slice(0, fewer);
    return this.#makeOf(seq, { events, to: events.at(-1)?.seq ?? slice.to });
  }

  #share(seq: number, work: () => Promise<Message>): Promise<Message> {
    const making = work().finally(() => this.#making.delete(seq));
    this.#making.set(seq, making);
    return making;
  }

  /** Ends where a message begins that was made already: from there on its readers share. */
  #aligned(seq: number, slice: Slice): Slice {
    let to = slice.to;
    for (const from of this.#kept.keys()) if (from > seq && from < to) to = from;
    if (to === slice.to) return slice;
    return { to, events: slice.events.filter((event) => event.seq <= to) };
  }

  #keptAt(seq: number): Message | undefined {
    const until = this.#keptUntil.get(seq);
    if (until !== undefined && until < performance.now()) this.#forget(seq);
    return this.#kept.get(seq);
  }

  #forget(from: number): void {
    this.#keptBytes -= this.#kept.get(from)?.bytes ?? 0;
    this.#kept.delete(from);
    this.#keptUntil.delete(from);
  }

  #keep(message: Message, ms: number): Message {
    if (this.#members.size < 2 || this.#options.groups.size > MANY_GROUPS) return message;
    this.#forget(message.from);
    this.#keptBytes += message.bytes;
    this.#kept.set(message.from, message);
    if (ms < Number.POSITIVE_INFINITY) this.#keptUntil.set(message.from, performance.now() + ms);
    for (const from of this.#kept.keys()) {
      if (this.#kept.size <= KEPT.messages && this.#keptBytes <= KEPT.bytes) break;
      this.#forget(from);
    }
    return message;
  }
}

function tooLarge(): Error {
  return coded(
    `What is asked for of one event has more than ${MOST_BYTES.single / 1024 / 1024} MiB: ask for less.`,
    "BATCH_TOO_LARGE",
  );
}
