import type { Context } from "@shiplog/core";
import type { AccessScope, Attachment, Feed } from "@shiplog/core/live";
import type { GraphQLError } from "graphql";
import { coded, masked } from "../errors.ts";
import { Group, type Query } from "./group.ts";
import { Subscription, type SubscriptionOptions, type SubscriptionOwner } from "./subscription.ts";

/** How often sockets that took nothing are looked at again, while there are any (ms). */
const BLOCKED_MS = 20;

/** Different documents or variables by which somebody may follow one stream. */
const MOST_QUERIES = 16;

const keyOf = (query: Query, scope: AccessScope) => `${query.viewer ?? ""}\n${scope.key}\n${query.key}`;

/** The groups of all streams of the process. */
export class Hub implements SubscriptionOwner {
  readonly #ctx: Context;
  readonly #groups = new Map<Feed, Map<string, Group>>();
  readonly #members = new Set<Subscription>();
  readonly #blocked = new Set<Subscription>();
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  #executions = 0;
  /** Messages written so far, one per operation and batch, and their bytes. */
  deliveries = 0;
  deliveredBytes = 0;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  get subscriptions(): number {
    return this.#members.size;
  }

  get groups(): number {
    let groups = 0;
    for (const { size } of this.#groups.values()) groups += size;
    return groups;
  }

  /** Executions of documents so far. */
  get executions(): number {
    return this.#executions;
  }

  subscribe(query: Query, options: SubscriptionOptions): Subscription {
    const { attached, reader } = options;
    this.#assertFew(query, attached, reader);
    const subscription = new Subscription(this, this.#groupOf(query, attached, attached.scope), options);
    this.#members.add(subscription);
    return subscription;
  }

  /** Its actor's access changed, but not so that he may not read the stream. */
  rescope(subscription: Subscription, scope: AccessScope): void {
    if (subscription.closed) return;
    subscription.move(this.#groupOf(subscription.group.query, subscription.attached, scope));
  }

  blocked(subscription: Subscription): void {
    if (this.#closed) return;
    this.#blocked.add(subscription);
    this.#timer ??= setTimeout(() => this.#retry(), BLOCKED_MS).unref();
  }

  sent(bytes: number): void {
    this.deliveries++;
    this.deliveredBytes += bytes;
  }

  closed(subscription: Subscription): void {
    this.#members.delete(subscription);
    this.#blocked.delete(subscription);
  }

  mask(error: unknown, requestId: string): GraphQLError {
    return masked(error, this.#ctx.log, requestId);
  }

  /** Ends every subscription without a word. */
  close(): void {
    this.#closed = true;
    for (const subscription of [...this.#members]) subscription.close();
    if (this.#timer) clearTimeout(this.#timer);
  }

  /** Each document that is executed for somebody alone costs all others of the stream. */
  #assertFew(query: Query, { feed, scope }: Attachment, reader: string): void {
    const groups = this.#groups.get(feed);
    if (!groups || groups.size < MOST_QUERIES || groups.has(keyOf(query, scope))) return;
    let queries = 0;
    for (const group of groups.values()) if (group.hasReader(reader)) queries++;
    if (queries < MOST_QUERIES) return;
    const message = `At most ${MOST_QUERIES} different queries of one stream run at a time.`;
    throw coded(message, "TOO_MANY_OPERATIONS");
  }

  #groupOf(query: Query, { feed }: Attachment, scope: AccessScope): Group {
    const groups = this.#groups.get(feed) ?? new Map<string, Group>();
    this.#groups.set(feed, groups);
    const key = keyOf(query, scope);
    const known = groups.get(key);
    if (known) return known;
    const execute = query.executeAs(scope);
    const group = new Group({
      feed,
      query,
      epoch: this.#ctx.epoch,
      groups,
      execute: (batch) => {
        this.#executions++;
        return execute(batch);
      },
      onEmpty: () => {
        groups.delete(key);
        if (groups.size === 0) this.#groups.delete(feed);
      },
    });
    groups.set(key, group);
    return group;
  }

  #retry(): void {
    this.#timer = null;
    const blocked = [...this.#blocked];
    this.#blocked.clear();
    for (const subscription of blocked) subscription.retry();
  }
}
