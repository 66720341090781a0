import { randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";
import { now } from "../plan.ts";
import { FrameReader, type FrameSink, pongFrame, textFrame } from "./frames.ts";
import type { Tally } from "./tally.ts";

/** A subscription over graphql-transport-ws. */
export interface Subscription {
  readonly token: string | null;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** A message follows the subscription at once: then it is known to stand. */
  readonly answersAtOnce: boolean;
}

export interface ClientSpec {
  readonly port: number;
  readonly path: string;
  /** Null: a socket on which nothing is said. */
  readonly subscription: Subscription | null;
  /** Keeps the cursor of each batch and begins again with it. */
  readonly resumes: boolean;
}

/** One for all: a callback is done with the bytes before the next read. */
const SHARED = Buffer.alloc(256 * 1024);
const END_OF_HEAD = Buffer.from("\r\n\r\n");
const CURSOR = '"cursor":"';

type Phase = "closed" | "upgrade" | "ack" | "first" | "open";

/**
 * A subscriber that costs next to nothing: speaks just enough HTTP, WebSocket and graphql-transport-ws to open one
 * subscription, then counts.
 */
export class Client implements FrameSink {
  readonly #spec: ClientSpec;
  readonly #index: number;
  readonly #tally: Tally;
  #socket: Socket | null = null;
  #phase: Phase = "closed";
  #head = Buffer.alloc(0);
  #frames = new FrameReader(this);
  #opened: PromiseWithResolvers<void> = Promise.withResolvers();
  #readAt = 0;
  /** Of the last batch; null before the first. */
  #cursor: string | null = null;
  #connectedAt = 0;
  /** Milliseconds from the beginning of each reconnection to the head of the stream. */
  readonly replays: number[] = [];
  #replaying = false;
  /** The last message that carried no piece: what there is to read when something went wrong. */
  lastOther = "";
  /** Gets the next message that carries one. */
  sample: ((text: string) => void) | null = null;

  constructor(spec: ClientSpec, index: number, tally: Tally) {
    this.#spec = spec;
    this.#index = index;
    this.#tally = tally;
  }

  /** Resolves when the subscription stands. */
  open(): Promise<void> {
    this.#phase = "upgrade";
    this.#head = Buffer.alloc(0);
    this.#frames = new FrameReader(this);
    this.#opened = Promise.withResolvers();
    this.#connectedAt = now();
    const { port, path } = this.#spec;
    const socket = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: { buffer: SHARED, callback: (length) => this.#onRead(length) },
    });
    this.#socket = socket;
    socket.once("connect", () => socket.write(upgrade(path, this.#spec.subscription !== null)));
    socket.on("error", (error) => this.#opened.reject(error));
    socket.once("close", () => {
      if (this.#socket === socket && this.#phase !== "open") this.#opened.reject(new Error(this.#why()));
      if (this.#socket === socket) this.#phase = "closed";
    });
    return this.#opened.promise;
  }

  get isOpen(): boolean {
    return this.#phase === "open";
  }

  /** As a network does: without a goodbye. */
  kill(): void {
    this.#phase = "closed";
    this.#socket?.resetAndDestroy();
  }

  /** Comes back where it was. */
  async reopen(): Promise<void> {
    this.#replaying = true;
    await this.open();
  }

  stall(): void {
    this.#socket?.pause();
  }

  wake(): void {
    this.#socket?.resume();
  }

  #why(): string {
    return `a client's connection ended while in "${this.#phase}" ${this.lastOther}`;
  }

  #onRead(length: number): boolean {
    if (this.#phase === "upgrade") {
      this.#onHead(Buffer.from(SHARED.subarray(0, length)));
      return true;
    }
    this.#readAt = now();
    this.#frames.push(SHARED, length);
    return true;
  }

  #onHead(bytes: Buffer): void {
    this.#head = Buffer.concat([this.#head, bytes]);
    const end = this.#head.indexOf(END_OF_HEAD);
    if (end < 0) return;
    const head = this.#head.toString("latin1", 0, end);
    if (!head.startsWith("HTTP/1.1 101 ")) {
      this.#opened.reject(new Error(`no upgrade: ${head.split("\r\n", 1)[0]}`));
      this.kill();
      return;
    }
    const { subscription } = this.#spec;
    this.#phase = subscription ? "ack" : "open";
    if (subscription) this.#say({ type: "connection_init", payload: authorization(subscription) });
    else this.#opened.resolve();
    const rest = this.#head.subarray(end + END_OF_HEAD.length);
    if (rest.length > 0) this.#frames.push(rest, rest.length);
  }

  onText(bytes: Buffer, start: number, end: number): void {
    if (this.#phase === "ack") {
      this.#onAcknowledged(bytes.toString("utf8", start, end));
      return;
    }
    if (this.#phase === "first") {
      const text = bytes.toString("utf8", start, end);
      if (!text.includes('"next"')) {
        this.#opened.reject(new Error(`not subscribed: ${text.slice(0, 500)}`));
        return;
      }
      this.#phase = "open";
      this.#opened.resolve();
    }
    if (this.#spec.resumes) this.#remember(bytes.toString("latin1", start, end));
    const found = this.#tally.take(bytes, start, end, this.#index, this.#readAt);
    if (found === 0) {
      this.lastOther = bytes.toString("utf8", start, Math.min(end, start + 500));
    } else if (this.sample) {
      this.sample(bytes.toString("utf8", start, end));
      this.sample = null;
    }
  }

  onPing(payload: Buffer): void {
    this.#socket?.write(pongFrame(payload));
  }

  #onAcknowledged(text: string): void {
    this.lastOther = text;
    const { subscription } = this.#spec;
    if (!subscription || !text.includes('"connection_ack"')) return;
    const { query, answersAtOnce } = subscription;
    const variables = this.#cursor === null ? subscription.variables : this.#resumed(subscription.variables);
    this.#say({ id: randomUUID(), type: "subscribe", payload: { query, variables } });
    this.#phase = answersAtOnce ? "first" : "open";
    if (!answersAtOnce) this.#opened.resolve();
  }

  #resumed(variables: Readonly<Record<string, unknown>>): object {
    return { ...variables, tail: null, after: this.#cursor };
  }

  #remember(text: string): void {
    const at = text.indexOf(CURSOR);
    if (at < 0) return;
    this.#cursor = text.slice(at + CURSOR.length, text.indexOf('"', at + CURSOR.length));
    if (this.#replaying && text.includes('"caughtUp":true')) {
      this.#replaying = false;
      this.replays.push(this.#readAt - this.#connectedAt);
    }
  }

  #say(message: object): void {
    this.#socket?.write(textFrame(JSON.stringify(message)));
  }
}

function authorization({ token }: Subscription): object {
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

function upgrade(path: string, graphql: boolean): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${Buffer.from(randomUUID()).subarray(0, 16).toString("base64")}`,
  ];
  if (graphql) lines.push("Sec-WebSocket-Protocol: graphql-transport-ws");
  return `${lines.join("\r\n")}\r\n\r\n`;
}
