import type { Actor, Context } from "@shiplog/core";
import type { Streams } from "@shiplog/core/live";

/** What was charged for an operation, and what is left. */
export interface ChargedRate {
  readonly limit: number;
  readonly remaining: number;
  readonly resetAt: Date;
  readonly points: number;
  readonly cost: number;
}

/** Built once per request, or once per operation of a socket. */
export interface GraphQLContext {
  readonly core: Context;
  /** Null when nobody is signed in. */
  readonly actor: Actor | null;
  /** Opens the streams that subscriptions read. */
  readonly streams: Streams;
  /** Correlation id; stands beside masked errors in the log. */
  readonly requestId: string;
  /** A batch of a subscription, whose document was measured when it began. */
  readonly isBatch?: boolean;
  /** `Last-Event-ID` of a reconnecting event source; overrides `after`. */
  readonly lastEventId?: string | null;
  /** Null or absent: without limits. */
  readonly rate?: ChargedRate | null;
}
