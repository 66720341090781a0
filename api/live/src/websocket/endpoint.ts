import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { handleProtocols } from "graphql-ws";
import { type ServerOptions, WebSocketServer } from "ws";
import type { HeaderReader } from "../options.ts";
import { CLOSE } from "./codes.ts";
import { Connection } from "./connection.ts";
import { createProtocol, type Endpoint } from "./protocol.ts";

const CLOSE_TIMEOUT_MS = 1_000;

/** The WebSocket side: upgrades, signs of life, the end. One timer for all sockets. */
export class WebSocketEndpoint {
  readonly #endpoint: Endpoint;
  readonly #server: WebSocketServer;
  readonly #connections = new Set<Connection>();
  readonly #open: (connection: Connection) => void;
  readonly #timer: NodeJS.Timeout;
  #draining = false;

  constructor(endpoint: Endpoint) {
    const { frameBytes, keepAliveMs, stallMs } = endpoint.live.limits;
    this.#endpoint = endpoint;
    this.#open = createProtocol(endpoint);
    const options: ServerOptions & { closeTimeout: number } = {
      noServer: true,
      clientTracking: false,
      maxPayload: frameBytes,
      perMessageDeflate: false,
      closeTimeout: CLOSE_TIMEOUT_MS,
      handleProtocols: (protocols) => handleProtocols(protocols),
    };
    this.#server = new WebSocketServer(options);
    this.#timer = setInterval(() => {
      for (const connection of this.#connections) connection.checkAlive(keepAliveMs, stallMs);
    }, keepAliveMs).unref();
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const headers = headerReader(request);
    const refusal = this.#refusal(request, headers);
    if (refusal) {
      refuse(socket, refusal);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new Connection(webSocket, headers);
      this.#connections.add(connection);
      webSocket.once("close", () => this.#connections.delete(connection));
      this.#open(connection);
    });
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
    const gone = [...this.#connections].map((connection) => {
      connection.close(CLOSE.goingAway, "Service restart");
      return connection.closed;
    });
    await Promise.all(gone);
  }
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
