import type { Socket } from "node:net";
import type { Correlation } from "@shiplog/core";
import type { WebSocket } from "ws";
import type { Message } from "../hub/message.ts";
import type { Credential, HeaderReader } from "../options.ts";
import type { CredentialEnd, Holding, Registry } from "../registry.ts";
import { MOST_BUFFERED, Stall } from "../stall.ts";
import { CLOSE } from "./codes.ts";
import { framePieces, frameText, MOST_COPIED } from "./frame.ts";
import { Operations } from "./operations.ts";
import { sendNow, sendSoon } from "./outbox.ts";

const PACE_MS = 10_000;

/** What the request that opened a socket tells of whoever sent it. */
export interface Opener {
  readonly headers: HeaderReader;
  readonly address: string | null;
}

/** One socket. */
export class Connection implements Holding {
  readonly socket: WebSocket;
  /** What the socket writes to: whole frames of our own go past it. */
  readonly #stream: Socket;
  /** Null once it was looked at. */
  opener: Opener | null;
  /** Of the upgrade: whatever comes over the socket belongs to it. */
  readonly correlation: Correlation | null;
  /** Null until `connection_init` was accepted. */
  credential: Credential | null = null;
  initialised = false;
  acknowledged = false;
  /** Where it is registered; null before it is. */
  registry: Registry | null = null;
  /** What runs on it. */
  readonly operations = new Operations();
  /** Since the last sign of life (ms). */
  #silentMs = 0;
  #paceFrom = 0;
  #paceCount = 0;
  /** Of answers that wait for the peer to take them (characters); batches are not among them. */
  #owed = 0;
  /** Of messages that go out at the end of this turn. */
  #soon = 0;
  readonly #stall: Stall;

  constructor(socket: WebSocket, stream: Socket, opener: Opener, correlation: Correlation | null) {
    this.socket = socket;
    this.correlation = correlation;
    this.#stream = stream;
    this.opener = opener;
    this.#stall = new Stall(stream);
  }

  /**
   * A message, ping or pong came, which is a sign of life; false when there were more than `most` in ten seconds. It is
   * then closed and read no more: until a peer answers a close it could go on sending.
   */
  heard(most: number): boolean {
    this.#silentMs = 0;
    const now = performance.now();
    if (now - this.#paceFrom > PACE_MS) {
      this.#paceFrom = now;
      this.#paceCount = 0;
    }
    if (++this.#paceCount <= most) return true;
    this.close(CLOSE.tooManyConnections, "Too many messages");
    this.socket.pause();
    return false;
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** Sent whatever waits already: a peer that asks and takes no answers is not heard until it has. */
  send(message: object): void {
    if (!this.isOpen) return;
    sendNow();
    const text = JSON.stringify(message);
    const { length } = text;
    this.#owed += length;
    this.socket.send(text, () => this.#taken(length));
    if (this.#owed > MOST_BUFFERED) this.socket.pause();
  }

  #taken(length: number): void {
    this.#owed -= length;
    if (this.isOpen && this.socket.isPaused && this.#owed <= MOST_BUFFERED) this.socket.resume();
  }

  accepts(bytes: number): boolean {
    const waiting = this.#stream.writableLength + this.#soon;
    return waiting === 0 || waiting + bytes <= MOST_BUFFERED;
  }

  /** Sends `{prefix}{message}}` as a frame at the end of this turn. `prefix` is ASCII. */
  sendFrame(prefix: string, message: Message): void {
    this.#soon += message.bytes;
    sendSoon(this, prefix, message);
  }

  /** Without a copy of a large message. */
  write(prefix: string, message: Message): void {
    this.#soon -= message.bytes;
    const stream = this.#stream;
    if (!this.isOpen || !stream.writable) return;
    if (message.bytes <= MOST_COPIED) {
      stream.write(frameText(prefix, message.latin1), "latin1");
      return;
    }
    stream.cork();
    for (const piece of framePieces(prefix, message.body)) stream.write(piece);
    stream.uncork();
  }

  /** Its credential no longer holds. */
  end(why: CredentialEnd): void {
    if (why === "revoked") this.close(CLOSE.revoked, "The session or key has ended");
    else this.close(CLOSE.forbidden, "The access token has expired");
  }

  /** A peer that does not answer the close is cut off (`closeTimeout` of the server). */
  close(code: number, reason: string): void {
    sendNow();
    this.registry?.remove(this);
    this.socket.close(code, reason);
  }

  /** Over, whoever ended it. */
  ended(): void {
    this.registry?.remove(this);
    for (const operation of this.operations.all()) operation.stop();
  }

  /**
   * Every `periodMs`. Whoever takes nothing, or answers no ping, for `stallMs` is cut off and comes back with his
   * cursor. Both are one: what a stalled peer does not read, the kernels take for a while, pings too. Where bytes wait
   * here a ping would only queue behind them.
   */
  checkAlive(periodMs: number, stallMs: number): void {
    const waiting = this.#stream.writableLength > 0;
    if (this.#stall.lasts(periodMs) > stallMs || this.#silentMs > stallMs) {
      this.socket.terminate();
    } else if (!waiting) {
      this.#silentMs += periodMs;
      this.socket.ping();
    }
  }
}
