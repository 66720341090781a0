import type { ExecutionResult, GraphQLFormattedError } from "graphql";
import { WebSocket } from "ws";
import { Queue } from "./deferred.ts";

export interface SocketOptions {
  readonly headers?: Record<string, string>;
  /** Payload of `connection_init`; false: the message is not sent. */
  readonly params?: Record<string, unknown> | false;
  readonly protocol?: string;
}

export type SocketMessage =
  | { readonly type: "next"; readonly payload: ExecutionResult }
  | { readonly type: "error"; readonly payload: readonly GraphQLFormattedError[] }
  | { readonly type: "complete" };

interface AnyMessage {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A subscription on a socket: its messages wait until the test takes them. */
export class SocketOperation {
  readonly id: string;
  readonly messages = new Queue<SocketMessage>();
  readonly #send: (message: object) => void;

  constructor(id: string, send: (message: object) => void) {
    this.id = id;
    this.#send = send;
  }

  /** The next message; null once the socket is gone. */
  next(): Promise<SocketMessage | null> {
    return this.messages.next();
  }

  /** The data of the next message, which has to be a result without errors. */
  async data<T>(): Promise<T> {
    const message = await this.next();
    if (message?.type !== "next" || message.payload.errors) {
      throw new Error(`expected data, not ${JSON.stringify(message)}`);
    }
    return message.payload.data as T;
  }

  /** Every message up to and including the operation's end. */
  async rest(): Promise<SocketMessage[]> {
    const all: SocketMessage[] = [];
    for (let message = await this.next(); message; message = await this.next()) {
      all.push(message);
      if (message.type !== "next") break;
    }
    return all;
  }

  complete(): void {
    this.#send({ id: this.id, type: "complete" });
  }
}

/** A bare graphql-transport-ws client that hides nothing: no retries, no timers. */
export class SocketClient {
  readonly socket: WebSocket;
  /** Settles with the close, whoever began it. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** Messages that belong to no operation: acknowledgement, pings, pongs. */
  readonly control = new Queue<AnyMessage>();
  readonly #operations = new Map<string, SocketOperation>();
  #lastId = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data) => this.#receive(JSON.parse(String(data)) as AnyMessage));
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => {
      socket.once("close", (code, reason) => {
        for (const operation of this.#operations.values()) operation.messages.end();
        this.control.end();
        resolve({ code, reason: String(reason) });
      });
    });
  }

  subscribe(query: string, variables: Record<string, unknown> = {}): SocketOperation {
    const id = `op-${++this.#lastId}`;
    const operation = new SocketOperation(id, (message) => this.send(message));
    this.#operations.set(id, operation);
    this.send({ id, type: "subscribe", payload: { query, variables } });
    return operation;
  }

  send(message: object | string): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Ends the connection as a lost network does: no goodbye. */
  kill(): void {
    this.socket.terminate();
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  #receive(message: AnyMessage): void {
    const operation = message.id === undefined ? undefined : this.#operations.get(message.id);
    if (operation) operation.messages.push(message as SocketMessage);
    else this.control.push(message);
  }
}

/** The status that refused the handshake. */
export class UpgradeRefused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`the upgrade was refused with ${status}`);
    this.status = status;
  }
}

/** Opens a socket and sends `connection_init`; whether it is acknowledged is for the caller to see. */
export async function openSocket(url: string, options: SocketOptions = {}): Promise<SocketClient> {
  const { headers, params, protocol = "graphql-transport-ws" } = options;
  const socket = new WebSocket(url.replace(/^http/, "ws"), protocol, { headers });
  const client = new SocketClient(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
    socket.once("unexpected-response", (_request, response) => {
      reject(new UpgradeRefused(response.statusCode ?? 0));
      response.resume();
      socket.terminate();
    });
  });
  if (params !== false) client.send({ type: "connection_init", payload: params });
  return client;
}

/** As `openSocket`, acknowledged. */
export async function connectSocket(url: string, options: SocketOptions = {}): Promise<SocketClient> {
  const client = await openSocket(url, options);
  const first = await client.control.next();
  if (first?.type !== "connection_ack") {
    throw new Error(`not acknowledged: ${JSON.stringify(first ?? (await client.closed))}`);
  }
  return client;
}
