import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { GraphQLError } from "graphql";
import type { Message } from "../hub/message.ts";
import type { Sink, Subscription } from "../hub/subscription.ts";
import { MOST_BUFFERED, Stall } from "../stall.ts";
import { refused } from "./answers.ts";

const COMPLETE = "event: complete\ndata: \n\n";
const HEARTBEAT = ":\n\n";

/** How long an event source waits before it comes back: about that, at random, so that not all come at once. */
export function retryFrame(retryMs: number): string {
  return `retry: ${Math.round(retryMs * (0.5 + Math.random()))}\n\n`;
}

export interface EventStreamOptions {
  readonly headers: Record<string, string>;
  readonly retryMs: number;
  /** For how long a peer may take nothing. */
  readonly stallMs: number;
  /** The client came back with the id of a batch. */
  readonly resumed: boolean;
  /** What is answered when it ends before it began, but not for good. */
  readonly comeBack: () => Response;
  readonly onEnd: () => void;
}

/** One operation and its response, written by the hub itself: a frame is made once for all that get it. */
export class EventStream implements Sink {
  readonly #response: ServerResponse;
  readonly #options: EventStreamOptions;
  readonly #answer = Promise.withResolvers<Response | "sent">();
  #subscription: Subscription | null = null;
  #ended = false;
  readonly #stall: Stall;
  /** The response of a request that waits for another one's, or for an upgrade, is not told that its socket is gone. */
  readonly #socket: Socket;
  readonly #gone = () => this.stop();

  constructor(response: ServerResponse, options: EventStreamOptions) {
    this.#response = response;
    this.#options = options;
    this.#stall = new Stall(response);
    this.#socket = response.req.socket;
    response.once("close", this.#gone);
    this.#socket.once("close", this.#gone);
  }

  /** Nobody is there to read it any more. */
  get isAbandoned(): boolean {
    return this.#response.destroyed || this.#socket.destroyed;
  }

  /** Settles when the status is known: an answer to send, or "sent" when the response is written here. */
  get answer(): Promise<Response | "sent"> {
    return this.#answer.promise;
  }

  run(subscription: Subscription): void {
    this.#subscription = subscription;
    if (this.#ended) subscription.close();
    else void subscription.begin();
  }

  accepts(bytes: number): boolean {
    const waiting = this.#response.writableLength;
    return waiting === 0 || waiting + bytes <= MOST_BUFFERED;
  }

  next(message: Message, last: boolean): void {
    if (this.#ended) return;
    if (!this.#response.headersSent) {
      if (last && this.#options.resumed && message.events === 0 && !message.reset) {
        // The only answer that stops an event source from coming back.
        this.#end(new Response(null, { status: 204 }));
        return;
      }
      this.#open();
    }
    this.#response.write(message.event);
  }

  complete(): void {
    if (this.#end("sent")) this.#response.end(COMPLETE);
  }

  /** A void credential is answered with 401 when the client comes back; any other error is the operation's end. */
  fail(error: GraphQLError): void {
    if (!this.#response.headersSent) this.#end(refused([error]));
    else if (error.extensions.code === "UNAUTHENTICATED") this.cut();
    else if (this.#end("sent")) {
      const data = JSON.stringify({ errors: [error] });
      this.#response.end(`event: next\ndata: ${data}\n\n${COMPLETE}`);
    }
  }

  /** Ends the response without `complete`: the client comes back and goes on from its last id. */
  cut(): void {
    const before = !this.#response.headersSent;
    if (this.#end(before ? this.#options.comeBack() : "sent") && !before) this.#response.end();
  }

  /** A sign of life when there is nothing to tell; a peer that takes nothing for `stallMs` is cut off. */
  beat(periodMs: number, stallMs: number): void {
    if (!this.#response.headersSent) return;
    if (this.#stall.lasts(periodMs) > stallMs) this.#response.destroy();
    else if (this.#response.writableLength === 0) this.#response.write(HEARTBEAT);
  }

  /** Ends it without a word. */
  stop(): void {
    this.#end("sent");
  }

  #open(): void {
    // `beat` looks after it from here on, not the server's time between two bytes.
    this.#response.setTimeout(0);
    this.#response.writeHead(200, this.#options.headers);
    this.#response.write(retryFrame(this.#options.retryMs));
    this.#answer.resolve("sent");
  }

  #end(answer: Response | "sent"): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#socket.off("close", this.#gone);
    this.#answer.resolve(answer);
    // No `beat` looks after what its peer has not taken yet: the server's time between two bytes does again.
    if (this.#response.headersSent) this.#response.setTimeout(this.#options.stallMs);
    this.#options.onEnd();
    this.#subscription?.close();
    return true;
  }
}
