import { type Attachment, beginAt } from "@shiplog/core/live";
import type { GraphQLError } from "graphql";
import type { Group } from "./group.ts";
import type { Message } from "./message.ts";

/** Where a subscription's messages go: one operation of a socket, or one response. */
export interface Sink {
  /** Whether so many bytes may be added to what the peer has not taken yet. */
  accepts(bytes: number): boolean;
  /** `last`: the stream ends with it. */
  next(message: Message, last: boolean): void;
  /** The stream has ended and everything of it was sent. */
  complete(): void;
  /** It ends with this error. */
  fail(error: GraphQLError): void;
}

/** What a subscription tells the hub. */
export interface SubscriptionOwner {
  /** Its socket takes nothing: called back by `retry` when it may again. */
  blocked(subscription: Subscription): void;
  sent(bytes: number): void;
  closed(subscription: Subscription): void;
  /** An error as the client may see it. */
  mask(error: unknown, requestId: string): GraphQLError;
}

export interface SubscriptionOptions {
  readonly attached: Attachment;
  readonly sink: Sink;
  readonly requestId: string;
  /** Who reads it, for limits. */
  readonly reader: string;
}

/** One reader of a stream: a position and where its messages go. It has no queue, no timer and no iterator. */
export class Subscription {
  readonly reader: string;
  readonly #owner: SubscriptionOwner;
  readonly #attached: Attachment;
  readonly #sink: Sink;
  readonly #requestId: string;
  #group: Group;
  /** Everything up to here was sent; null: the position is lost. */
  #seq: number | null = null;
  #begun = false;
  #started = false;
  #closed = false;
  /** Size of the message that its peer did not take; 0: none. Nothing is made for it meanwhile. */
  #refused = 0;
  /** The message that is being made for it; another one takes its place when the group changes. */
  #awaited: Promise<Message> | null = null;

  constructor(owner: SubscriptionOwner, group: Group, options: SubscriptionOptions) {
    const { attached, sink, requestId, reader } = options;
    this.reader = reader;
    this.#owner = owner;
    this.#group = group;
    this.#attached = attached;
    this.#sink = sink;
    this.#requestId = requestId;
    group.join(this);
  }

  /** Whose results it gets. */
  get group(): Group {
    return this.#group;
  }

  get attached(): Attachment {
    return this.#attached;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Its peer takes nothing: it goes on by itself when it may again. */
  get isStalled(): boolean {
    return this.#refused > 0;
  }

  /** Sends the first message, at once; it holds whatever was committed before the call. */
  async begin(): Promise<void> {
    const attached = this.#attached;
    try {
      await attached.refresh();
    } catch (error) {
      this.fail(error);
    }
    if (this.#closed) return;
    this.#seq = beginAt(attached.feed, attached.start, attached.replayLimit);
    this.#begun = true;
    this.advance();
  }

  /** A message that all members get who stand where it begins. */
  offer(message: Message): void {
    if (this.#closed || this.#awaited || this.#refused > 0 || !this.#started) return;
    if (this.#seq !== message.from) this.advance();
    else if (this.#take(message)) this.#settle();
  }

  /** Its peer may have taken something. */
  retry(): void {
    if (this.#sink.accepts(this.#refused)) {
      this.#refused = 0;
      this.advance();
    } else this.#owner.blocked(this);
  }

  /** Goes on as far as its peer takes it. */
  advance(): void {
    while (!this.#closed && this.#begun && !this.#awaited && this.#refused === 0) {
      let message: Message | Promise<Message> | null;
      try {
        message = this.#nextMessage();
      } catch (error) {
        this.fail(error);
        return;
      }
      if (message === null) {
        this.#settle();
        return;
      }
      if (message instanceof Promise) this.#wait(message);
      else if (!this.#take(message)) return;
    }
  }

  /** Goes on in another group, at the same position. */
  move(group: Group): void {
    if (this.#closed || group === this.#group) return;
    group.join(this);
    this.#group.leave(this);
    this.#group = group;
    this.#awaited = null;
    this.advance();
  }

  fail(error: unknown): void {
    if (this.#closed) return;
    this.close();
    this.#sink.fail(this.#owner.mask(error, this.#requestId));
  }

  /** Ends it without a word. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#group.leave(this);
    this.#attached.release();
    this.#owner.closed(this);
  }

  /** Null at the head. */
  #nextMessage(): Message | Promise<Message> | null {
    const { feed } = this.#attached;
    const seq = this.#seq;
    if (seq === null || !feed.holds(seq)) {
      this.#seq = null;
      // To the head, and not to where the reading of the log has come so far.
      return feed.behind
        ? this.#attached.refresh().then(() => this.#group.resetMessage())
        : this.#group.resetMessage();
    }
    if (seq < feed.seq) return this.#group.messageAfter(seq);
    return this.#started ? null : this.#group.emptyMessage();
  }

  #wait(making: Promise<Message>): void {
    this.#awaited = making;
    making.then(
      (message) => {
        if (this.#awaited !== making) return;
        this.#awaited = null;
        if (this.#take(message)) this.advance();
      },
      (error: unknown) => {
        if (this.#awaited === making) this.fail(error);
      },
    );
  }

  /** False when the peer takes no more for now. */
  #take(message: Message): boolean {
    if (this.#closed) return false;
    const sink = this.#sink;
    if (message.bytes > 0) {
      if (!sink.accepts(message.bytes)) {
        this.#refused = message.bytes;
        this.#owner.blocked(this);
        return false;
      }
      const { feed } = this.#attached;
      this.#started = true;
      this.#owner.sent(message.bytes);
      sink.next(message, feed.ended && message.to === feed.seq);
    }
    this.#seq = message.to;
    return true;
  }

  /** At the head: over when the stream is. */
  #settle(): void {
    const { feed } = this.#attached;
    if (!feed.ended || this.#seq !== feed.seq || !this.#started || this.#closed) return;
    this.close();
    this.#sink.complete();
  }
}
