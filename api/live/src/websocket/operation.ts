import type { GraphQLError } from "graphql";
import type { Message } from "../hub/message.ts";
import type { Sink, Subscription } from "../hub/subscription.ts";
import type { Connection } from "./connection.ts";
import { asciiJson, flat } from "./frame.ts";

/** One operation of a socket, from `subscribe` to its end. */
export class SocketOperation implements Sink {
  /** The client's. */
  readonly id: string;
  readonly #connection: Connection;
  readonly #prefix: string;
  #subscription: Subscription | null = null;
  #stopped = false;

  constructor(connection: Connection, id: string) {
    this.#connection = connection;
    this.id = id;
    this.#prefix = flat(`{"id":${asciiJson(id)},"type":"next","payload":`);
    connection.operations.add(this);
  }

  /** It runs, unless the client has completed it meanwhile. */
  run(subscription: Subscription): void {
    this.#subscription = subscription;
    if (this.#stopped) subscription.close();
    else void subscription.begin();
  }

  accepts(bytes: number): boolean {
    return this.#connection.accepts(bytes);
  }

  next(message: Message): void {
    this.#connection.sendFrame(this.#prefix, message);
  }

  complete(): void {
    if (this.#end()) this.#connection.send({ id: this.id, type: "complete" });
  }

  fail(error: GraphQLError): void {
    this.refuse([error]);
  }

  /** It ends with these errors. */
  refuse(errors: readonly GraphQLError[]): void {
    if (this.#end()) this.#connection.send({ id: this.id, type: "error", payload: errors });
  }

  /** Ends it without a word. */
  stop(): void {
    if (this.#end()) this.#subscription?.close();
  }

  /** False when it had ended; its id may be used again. */
  #end(): boolean {
    if (this.#stopped) return false;
    this.#stopped = true;
    this.#connection.operations.delete(this.id);
    return true;
  }
}
