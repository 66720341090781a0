import type { WebSocket } from "ws";
import type { Credential, HeaderReader } from "../options.ts";

/** One socket. */
export class Connection {
  readonly socket: WebSocket;
  readonly headers: HeaderReader;
  /** Null until `connection_init` was accepted. */
  credential: Credential | null = null;
  /** Lets go of the registration; null before there is one. */
  release: (() => void) | null = null;
  readonly closed: Promise<void>;
  /** A sign of life came since the last ping. */
  #alive = true;
  #stalledMs = 0;

  constructor(socket: WebSocket, headers: HeaderReader) {
    this.socket = socket;
    this.headers = headers;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    const seen = () => {
      this.#alive = true;
    };
    socket.on("pong", seen);
    socket.on("message", seen);
  }

  /**
   * Resolves when the kernel took the bytes, so that the operation behind reads no further meanwhile: a reader
   * that stalls has one message in flight and costs nothing else. On a socket that closes it resolves once that
   * is over, when its operations have been ended.
   */
  send(message: string): Promise<void> {
    if (this.socket.readyState !== this.socket.OPEN) return this.closed;
    return new Promise((resolve) => {
      this.socket.send(message, (error) => (error ? void this.closed.then(resolve) : resolve()));
    });
  }

  /** A peer that does not answer the close is cut off (`closeTimeout` of the server). */
  close(code: number, reason: string): void {
    this.release?.();
    this.socket.close(code, reason);
  }

  /**
   * Every `periodMs`. A ping would only queue behind what a stalled peer does not take: it gets `stallMs`
   * instead, then it is cut off and comes back with its cursor.
   */
  checkAlive(periodMs: number, stallMs: number): void {
    const stalled = this.socket.bufferedAmount > 0;
    this.#stalledMs = stalled ? this.#stalledMs + periodMs : 0;
    if (this.#stalledMs > stallMs || (!stalled && !this.#alive)) {
      this.socket.terminate();
    } else if (!stalled) {
      this.#alive = false;
      this.socket.ping();
    }
  }
}
