import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { Documents } from "./document.ts";
import { type Credential, LIMITS, type Live, type LiveOptions } from "./options.ts";
import { Registry } from "./registry.ts";
import { SseEndpoint } from "./sse/endpoint.ts";
import { WebSocketEndpoint } from "./websocket/endpoint.ts";

/** Both stream transports over one set of open streams. */
export interface LiveServer {
  /** For `upgrade` of the HTTP server: graphql-transport-ws, or a refusal before the handshake. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /**
   * Answers `GET` and `POST` that ask for an event stream of a subscription; null: not such a request, its body is
   * still unread. The caller has checked content type, size and Origin.
   */
  handleSse(request: Request, credential: Credential | null, requestId: string): Promise<Response | null>;
  /** Refuses new streams and sends every client away to come back; resolves when the sockets are gone. */
  drain(): Promise<void>;
}

/** The stream transports of one process; the schema and the rules of access are injected. */
export function createLive(options: LiveOptions): LiveServer {
  const live: Live = { ...options, limits: { ...LIMITS, ...options.limits } };
  const documents = new Documents(live.schema, live.limits.documentTokens);
  const registry = new Registry(live);
  const parts = { live, documents, registry };
  const webSockets = new WebSocketEndpoint(parts);
  const sse = new SseEndpoint(parts);
  return {
    handleUpgrade: (request, socket, head) => webSockets.handleUpgrade(request, socket, head),
    handleSse: (request, credential, requestId) => sse.handle(request, credential, requestId),
    drain: async () => {
      sse.drain();
      await webSockets.drain();
      registry.close();
    },
  };
}
