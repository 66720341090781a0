import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { correlate, currentCorrelation } from "@shiplog/core";
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, handleProtocols } from "graphql-ws";
import { type RawData, type ServerOptions, type WebSocket, WebSocketServer } from "ws";
import type { HeaderReader } from "../options.ts";
import { CLOSE } from "./codes.ts";
import { Connection } from "./connection.ts";
import { Handshakes } from "./handshakes.ts";
import { type Endpoint, receive } from "./protocol.ts";

const CLOSE_TIMEOUT_MS = 1_000;

/** What the types of `ws` do not know yet. */
interface SocketServerOptions extends ServerOptions {
  readonly closeTimeout: number;
  readonly maxFragments: number;
  readonly maxBufferedChunks: number;
}

/** The WebSocket side: upgrades, signs of life, the end. One timer for all sockets. */
export class WebSocketEndpoint {
  readonly #endpoint: Endpoint;
  readonly #server: WebSocketServer;
  readonly #connections = new Map<WebSocket, Connection>();
  readonly #handshakes: Handshakes;
  readonly #timer: NodeJS.Timeout;
  readonly #on: ReturnType<typeof listeners>;
  #draining = false;

  constructor(endpoint: Endpoint) {
    const { frameBytes, fragmentsPerMessage, readsPerFrame, keepAliveMs, stallMs } = endpoint.live.limits;
    this.#endpoint = endpoint;
    this.#handshakes = new Handshakes(endpoint.live.limits.initMs);
    const options: SocketServerOptions = {
      noServer: true,
      clientTracking: false,
      maxPayload: frameBytes,
      maxFragments: fragmentsPerMessage,
      maxBufferedChunks: readsPerFrame,
      perMessageDeflate: false,
      closeTimeout: CLOSE_TIMEOUT_MS,
      handleProtocols: (protocols) => handleProtocols(protocols),
    };
    this.#server = new WebSocketServer(options);
    this.#on = listeners(endpoint, this.#connections, this.#handshakes);
    this.#timer = setInterval(() => {
      for (const connection of this.#connections.values()) connection.checkAlive(keepAliveMs, stallMs);
    }, keepAliveMs).unref();
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const headers = headerReader(request);
    const refusal = this.#refusal(request, headers);
    if (refusal) {
      refuse(socket, refusal);
      return;
    }
    // Once a socket is gone nobody knows any more where it came from.
    const opener = { headers, address: this.#endpoint.live.addressOf(headers, request) };
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#open(webSocket, new Connection(webSocket, socket as Socket, opener, currentCorrelation()));
    });
  }

  #open(webSocket: WebSocket, connection: Connection): void {
    this.#connections.set(webSocket, connection);
    const { error, close, sign, message } = this.#on;
    webSocket.on("error", error).on("close", close);
    if (webSocket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL) {
      connection.close(CLOSE.noSubprotocol, "Subprotocol not acceptable");
      return;
    }
    webSocket.on("ping", sign).on("pong", sign).on("message", message);
    this.#handshakes.expect(connection);
  }

  /** Open sockets. */
  get size(): number {
    return this.#connections.size;
  }

  #refusal({ url }: IncomingMessage, headers: HeaderReader): string | null {
    const { path = "/graphql", permitsOrigin } = this.#endpoint.live;
    if (url?.split("?", 1)[0] !== path) return "404 Not Found";
    if (this.#draining) return "503 Service Unavailable";
    return permitsOrigin(headers, false) ? null : "403 Forbidden";
  }

  /** Sends every client away to come back, here or elsewhere; resolves when all are gone. */
  async drain(): Promise<void> {
    this.#draining = true;
    clearInterval(this.#timer);
    this.#handshakes.close();
    const gone = [...this.#connections.values()].map((connection) => {
      // Not `once` of node:events: a socket that fails as well closes, and says so first.
      const closed = new Promise((resolve) => connection.socket.once("close", resolve));
      connection.close(CLOSE.goingAway, "Service restart");
      return closed;
    });
    await Promise.all(gone);
  }
}

/** The same functions listen to every socket: ones of its own would be a tenth of what it holds. */
function listeners(endpoint: Endpoint, connections: Map<WebSocket, Connection>, handshakes: Handshakes) {
  const { ctx, limits } = endpoint.live;
  const heardOn = (webSocket: WebSocket) => {
    const connection = connections.get(webSocket);
    return connection?.heard(limits.messagesPerTenSeconds) ? connection : null;
  };
  return {
    error(this: WebSocket, error: Error): void {
      ctx.log.debug({ error }, "a socket failed");
      // `ws` closes it and, in the next tick, reads on to throw away what comes; a flood is better not read at all.
      setImmediate(() => this.pause());
    },
    close(this: WebSocket): void {
      const connection = connections.get(this);
      connections.delete(this);
      if (!connection) return;
      handshakes.forget(connection);
      connection.ended();
    },
    sign(this: WebSocket): void {
      heardOn(this);
    },
    message(this: WebSocket, data: RawData): void {
      const connection = heardOn(this);
      if (!connection) return;
      const { correlation } = connection;
      // It comes from outside of the upgrade's request, and belongs to it all the same.
      if (correlation) correlate(correlation, () => void receive(endpoint, connection, data));
      else void receive(endpoint, connection, data);
    },
  };
}

function headerReader({ headers }: IncomingMessage): HeaderReader {
  return {
    get: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
  };
}

/** `end` may wait for a peer that never reads; nothing more is owed to it. */
function refuse(socket: Duplex, status: string): void {
  socket.on("error", () => {});
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
