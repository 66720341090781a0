import type { Actor, Context } from "@shiplog/core";
import type { StreamHub, Streams } from "@shiplog/core/live";
import type { GraphQLSchema } from "graphql";

/** Who opened a socket or a response. */
export interface Credential {
  readonly actor: Actor;
  readonly via: "bearer" | "cookie";
  /** When it ends by itself; null for a key without expiry, and for a cookie, which lives with its session. */
  readonly expiresAt: Date | null;
}

/** The part of Headers that is read. */
export interface HeaderReader {
  get(name: string): string | null | undefined;
}

/** What the GraphQL context of one operation is made of. */
export interface Caller {
  readonly actor: Actor;
  readonly streams: Streams;
  readonly requestId: string;
  readonly lastEventId: string | null;
}

export interface Limits {
  /** Open sockets and event streams of one user or key. */
  readonly connectionsPerActor: number;
  /** Running operations of one socket. */
  readonly operationsPerSocket: number;
  /** A message from a client (bytes). */
  readonly frameBytes: number;
  /** A document (tokens). */
  readonly documentTokens: number;
  /** Between opening a socket and `connection_init` (ms). */
  readonly initMs: number;
  /** Between two signs of life that the server sends (ms). */
  readonly keepAliveMs: number;
  /** What an event source waits before it comes back, on average (ms). */
  readonly retryMs: number;
  /** A socket that takes nothing for so long is cut off; its client comes back with its cursor (ms). */
  readonly stallMs: number;
  /** How often credentials are looked over for expiry (ms). */
  readonly expiryMs: number;
}

export const LIMITS: Limits = {
  connectionsPerActor: 50,
  operationsPerSocket: 50,
  frameBytes: 64 * 1024,
  documentTokens: 2_000,
  initMs: 10_000,
  keepAliveMs: 12_000,
  retryMs: 1_000,
  stallMs: 120_000,
  expiryMs: 500,
};

export interface LiveOptions {
  readonly ctx: Context;
  readonly streams: StreamHub;
  readonly schema: GraphQLSchema;
  /**
   * Who that is: by `authorization` when given, else by the headers' cookie. Null without a credential and for a
   * cookie that is no longer good; throws UnauthenticatedError for a bad `authorization`.
   */
  readonly authenticate: (headers: HeaderReader, authorization: string | null) => Promise<Credential | null>;
  /** Whether the page that opens a socket may; a cookie asks for more than no Origin at all. */
  readonly permitsOrigin: (headers: HeaderReader, withCookie: boolean) => boolean;
  /** Called for every batch, so that nothing cached on a context outlives the moment. */
  readonly contextFor: (caller: Caller) => unknown;
  /** Path of the endpoint. */
  readonly path?: string;
  readonly limits?: Partial<Limits>;
}

/** Options with every limit set. */
export interface Live extends LiveOptions {
  readonly limits: Limits;
}
