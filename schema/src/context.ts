import type { Actor, Context } from "@shiplog/core";
import type { Streams } from "@shiplog/core/live";

/** Built once per request, or once per operation of a socket. */
export interface GraphQLContext {
  readonly core: Context;
  /** Null when nobody is signed in. */
  readonly actor: Actor | null;
  /** Opens the streams that subscriptions read. */
  readonly streams: Streams;
  /** Correlation id; stands beside masked errors in the log. */
  readonly requestId: string;
  /** `Last-Event-ID` of a reconnecting event source; overrides `after`. */
  readonly lastEventId?: string | null;
}
