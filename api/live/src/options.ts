import type { IncomingMessage } from "node:http";
import type { Actor, Context } from "@shiplog/core";
import type { StreamHub, Streams } from "@shiplog/core/live";
import type { DocumentNode, GraphQLError, GraphQLSchema } from "graphql";
import type { Checked, Documents } from "./document.ts";

/** Who opened a socket or a response. */
export interface Credential {
  readonly actor: Actor;
  readonly via: "bearer" | "cookie";
  /** When it ends by itself; null for a key without expiry, and for a cookie, which lives with its session. */
  readonly expiresAt: Date | null;
  /** The signing key that vouches for it: a replaced one vouches for nothing any more. Absent: none does. */
  readonly signedBy?: string | null;
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
  /** For the results of a subscription that has begun. */
  readonly isBatch?: boolean;
}

export interface Limits {
  /** Open sockets and event streams of one user or key. */
  readonly connectionsPerActor: number;
  /** Running operations of one socket. */
  readonly operationsPerSocket: number;
  /** Messages of one socket in ten seconds, pings and pongs of WebSocket itself included. */
  readonly messagesPerTenSeconds: number;
  /** A message from a client (bytes). */
  readonly frameBytes: number;
  /** Frames of a message: each may keep the whole read that it came in, whatever else that holds. */
  readonly fragmentsPerMessage: number;
  /** Reads that a frame may come in; each costs far more than the byte that it may hold. */
  readonly readsPerFrame: number;
  /** The id of an operation (characters), which goes in front of each of its messages. */
  readonly idCharacters: number;
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
  /** At which execution a stream's document is compiled, which costs as much as some dozens of them. */
  readonly compileAt: number;
}

export const LIMITS: Limits = {
  connectionsPerActor: 50,
  operationsPerSocket: 50,
  // Every operation may be begun and ended within them, besides the signs of life.
  messagesPerTenSeconds: 120,
  frameBytes: 64 * 1024,
  fragmentsPerMessage: 128,
  readsPerFrame: 1_024,
  idCharacters: 128,
  documentTokens: 2_000,
  initMs: 10_000,
  keepAliveMs: 12_000,
  retryMs: 1_000,
  stallMs: 120_000,
  expiryMs: 500,
  compileAt: 24,
};

/** What became of the charge. */
export interface Admission {
  /** Set when he has asked for too much. */
  readonly refused: GraphQLError | null;
  /** That tell what is left to him, where an answer has headers. */
  readonly headers: Readonly<Record<string, string>>;
}

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
  /** Judges what is sent, as it does for queries over HTTP; absent: any valid document may run. */
  readonly documents?: Documents;
  /**
   * Charges whoever asks for a stream, also for what is refused: it was looked at; `isNew`: its text had to be parsed
   * and compared. Absent: nobody is charged.
   */
  readonly admit?: (credential: Credential, checked: Checked, isNew: boolean) => Promise<Admission>;
  /** Why that caller is not even looked at: he has asked for too much, not long ago. Absent: everybody is. */
  readonly overdrawn?: (credential: Credential) => Admission | null;
  /** Where a socket comes from; null, and when absent: nobody knows. */
  readonly addressOf?: (headers: HeaderReader, request: IncomingMessage) => string | null;
  /**
   * Charges a credential that does not hold to whoever is known already, else to the address; false: there were too many.
   * Absent: nobody is charged.
   */
  readonly guessed?: (address: string | null, actor: Actor | null) => Promise<boolean>;
  /**
   * Bounds the opening of a stream and each batch, and may reject with a GraphQLError; what is answered at once stays
   * so. Absent: they take what they take.
   */
  readonly within?: <T>(work: () => T | Promise<T>) => T | Promise<T>;
  /** Watches the opening of a stream, which answers errors or what runs. */
  readonly opening?: <T>(document: DocumentNode, work: () => Promise<T>) => Promise<T>;
  /**
   * Whether the results of an operation are the same for everybody with the same access to the project: it is then
   * executed once for all of them, as a ScopeActor.
   */
  readonly isShared: (document: DocumentNode, operationName: string | null) => boolean;
  /** Called for every batch, so that nothing cached on a context outlives the moment. */
  readonly contextFor: (caller: Caller) => unknown;
  /** Path of the endpoint. */
  readonly path?: string;
  readonly limits?: Partial<Limits>;
}

/** Options with every limit set. */
export interface Live extends LiveOptions {
  readonly limits: Limits;
  readonly within: NonNullable<LiveOptions["within"]>;
  readonly opening: NonNullable<LiveOptions["opening"]>;
  readonly addressOf: NonNullable<LiveOptions["addressOf"]>;
  readonly guessed: NonNullable<LiveOptions["guessed"]>;
}
