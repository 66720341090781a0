import type { Client } from "graphql-ws";
import { renewOrEnd } from "../api/session.ts";

export type Failure = "closed" | "forbidden";
export interface Sink {
  next(data: unknown): void;
  failed(why: Failure): void;
  complete(): void;
}
/** Starts a subscription; the answer ends it. */
export type Transport = (query: string, variables: object, sink: Sink) => () => void;

/** The server says that the session is over (4401) or that its token ran out (4403). */
const UNAUTHENTICATED = new Set([4401, 4403]);
let client: Promise<Client> | undefined;

async function connect(): Promise<Client> {
  const { createClient } = await import("graphql-ws/client");
  const url = new URL("/graphql", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  let socket: WebSocket | undefined;
  let pong: ReturnType<typeof setTimeout> | undefined;
  return createClient({
    url: url.href,
    lazy: true,
    // A retry in here would repeat the old cursor: each stream resubscribes by itself, from where it is.
    retryAttempts: 0,
    lazyCloseTimeout: 5_000,
    connectionAckWaitTimeout: 10_000,
    keepAlive: 10_000,
    on: {
      connected: (opened) => {
        socket = opened as WebSocket;
      },
      ping: (received) => {
        if (received) return;
        // A dead connection raises no event by itself.
        pong = setTimeout(
          () => socket?.readyState === WebSocket.OPEN && socket.close(4408, "no pong"),
          5_000,
        );
      },
      pong: (received) => {
        if (received) clearTimeout(pong);
      },
      closed: (event) => {
        clearTimeout(pong);
        if (event instanceof CloseEvent && UNAUTHENTICATED.has(event.code)) void renewOrEnd();
      },
    },
  });
}

function failureOf(error: unknown, socket: Client): Failure {
  if (!Array.isArray(error)) return "closed";
  const codes = error.map((one: { extensions?: { code?: unknown } }) => one.extensions?.code);
  if (codes.includes("UNAUTHENTICATED")) {
    // The cookie was read when the socket opened: only a new one knows the renewed session.
    void renewOrEnd().then(() => socket.terminate());
  }
  return codes.includes("FORBIDDEN") || codes.includes("NOT_FOUND") ? "forbidden" : "closed";
}

/** The WebSocket of this tab: one for all streams, opened by the first, closed after the last. */
export const socketTransport: Transport = (query, variables, sink) => {
  let stop: (() => void) | undefined;
  let ended = false;
  client ??= connect();
  client.then(
    (ready) => {
      if (ended) return;
      stop = ready.subscribe<unknown>(
        { query, variables: variables as Record<string, unknown> },
        {
          next: (result) => {
            if (result.errors) sink.failed(failureOf(result.errors, ready));
            else sink.next(result.data);
          },
          error: (error) => sink.failed(failureOf(error, ready)),
          complete: () => sink.complete(),
        },
      );
    },
    () => {
      client = undefined;
      if (!ended) sink.failed("closed");
    },
  );
  return () => {
    ended = true;
    stop?.();
  };
};
