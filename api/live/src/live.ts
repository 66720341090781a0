import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { Documents } from "./document.ts";
import { Hub } from "./hub/hub.ts";
import { LIMITS, type Live, type LiveOptions } from "./options.ts";
import { Registry } from "./registry.ts";
import { SseEndpoint, type SseRequest } from "./sse/endpoint.ts";
import { WebSocketEndpoint } from "./websocket/endpoint.ts";

/** Of one process; the last three only grow. */
export interface LiveStats {
  readonly sockets: number;
  readonly eventStreams: number;
  readonly operations: number;
  /** Sets of operations that share their results. */
  readonly groups: number;
  readonly executions: number;
  /** Messages written, one per operation and batch. */
  readonly deliveries: number;
  readonly deliveredBytes: number;
}

/** Both stream transports over one set of open streams. */
export interface LiveServer {
  /** For `upgrade` of the HTTP server: graphql-transport-ws, or a refusal before the handshake. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Changes whenever somebody's access does, anywhere; a request for an event stream says what it was. */
  accessMark(): number;
  /**
   * Answers `GET` and `POST` that ask for an event stream of a subscription; null: not such a request, its body is
   * still unread; "sent": the response is written. The caller has checked content type, size and Origin.
   */
  handleSse(asked: SseRequest): Promise<Response | "sent" | null>;
  /** Answers such a request while the server cannot even tell who asks: it may pass a moment later. */
  unavailable(request: Request): Response;
  /** What is open now, and what was done so far. */
  stats(): LiveStats;
  /** Refuses new streams and sends every client away to come back; resolves when the sockets are gone. */
  drain(): Promise<void>;
}

/** The stream transports of one process; the schema and the rules of access are injected. */
export function createLive(options: LiveOptions): LiveServer {
  const live: Live = {
    ...options,
    limits: { ...LIMITS, ...options.limits },
    within: options.within ?? ((work) => work()),
    opening: options.opening ?? ((_, work) => work()),
    addressOf: options.addressOf ?? (() => null),
    guessed: options.guessed ?? (async () => true),
  };
  const { schema, limits } = live;
  const documents = options.documents ?? new Documents({ schema, maxTokens: limits.documentTokens });
  const registry = new Registry(live);
  const hub = new Hub(live.ctx);
  const parts = { live, documents, registry, hub };
  const webSockets = new WebSocketEndpoint(parts);
  const sse = new SseEndpoint(parts);
  return {
    handleUpgrade: (request, socket, head) => webSockets.handleUpgrade(request, socket, head),
    accessMark: () => live.streams.access.changes,
    handleSse: (asked) => sse.handle(asked),
    unavailable: (request) => sse.unavailable(request),
    stats: () => ({
      sockets: webSockets.size,
      eventStreams: sse.size,
      operations: hub.subscriptions,
      groups: hub.groups,
      executions: hub.executions,
      deliveries: hub.deliveries,
      deliveredBytes: hub.deliveredBytes,
    }),
    drain: async () => {
      sse.drain();
      await webSockets.drain();
      hub.close();
      registry.close();
    },
  };
}
