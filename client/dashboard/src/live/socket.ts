import type { Client } from "graphql-ws";
import { idOf, UNKNOWN_DOCUMENT } from "../api/client.ts";
import { renewOrEnd } from "../api/session.ts";
import { reloadForNewBuild } from "../app/reload.ts";
import { later } from "./later.ts";
import { makePace, type Turn } from "./pace.ts";

/** `refused`: what is wrong is not the network, so trying again soon would not help. */
export type Failure = "closed" | "forbidden" | "refused";
export interface Sink {
  next(data: unknown): void;
  failed(why: Failure): void;
  complete(): void;
}
/** Starts a subscription; the answer ends it. */
export type Transport = (query: string, variables: object, sink: Sink) => () => void;

/** The server says that the session is over (4401) or that its token ran out (4403). */
const UNAUTHENTICATED = new Set([4401, 4403]);
/** The server will not have this connection, or not one more: see the close codes in PROTOCOL.md. */
const REFUSED = new Set([1009, 4400, 4406, 4409, 4429]);
const PONG_WAIT = 5_000;
/** From the first packet to the server's word that it takes subscriptions. */
const CONNECT_WAIT = 10_000;

let client: Promise<Client> | undefined;
let check: () => void = () => undefined;
let leaveClosing: () => void = () => undefined;
const pace = makePace({ now: () => performance.now(), later });
/** Ends every subscription that is open. */
const open = new Set<(error: unknown) => void>();
/** The session is being renewed: a socket that opened before would be closed again. */
let renewal: Promise<unknown> | undefined;

function renew(): Promise<unknown> {
  renewal ??= renewOrEnd().finally(() => {
    renewal = undefined;
  });
  return renewal;
}

async function connect(): Promise<Client> {
  const { createClient } = await import("graphql-ws/client");
  const url = new URL("/graphql", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  // A dead connection raises no event by itself, and a close would wait a minute for the other side's.
  const expectWithin = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => made.terminate(), ms);
  };
  check = () => {
    if (socket?.readyState !== WebSocket.OPEN) return;
    socket.send('{"type":"ping"}');
    expectWithin(PONG_WAIT);
  };
  leaveClosing = () => {
    if (socket?.readyState === WebSocket.CLOSING) made.terminate();
  };
  const made = createClient({
    url: url.href,
    lazy: true,
    // A retry in here would repeat the old cursor: each stream resubscribes by itself, from where it is.
    retryAttempts: 0,
    lazyCloseTimeout: 5_000,
    keepAlive: 10_000,
    on: {
      connecting: () => expectWithin(CONNECT_WAIT),
      connected: (opened) => {
        clearTimeout(timer);
        socket = opened as WebSocket;
        pace.renew();
      },
      ping: (received) => {
        if (!received) expectWithin(PONG_WAIT);
      },
      pong: (received) => {
        if (received) clearTimeout(timer);
      },
      closed: (event) => {
        clearTimeout(timer);
        socket = undefined;
        if (event instanceof CloseEvent && UNAUTHENTICATED.has(event.code)) void renew();
        // After a close with 1000 the client would ask again by itself, from the old cursor.
        for (const fail of [...open]) fail(event);
      },
    },
  });
  return made;
}

function failureOf(error: unknown): Failure {
  if (error instanceof CloseEvent && REFUSED.has(error.code)) return "refused";
  if (!Array.isArray(error)) return "closed";
  const codes = error.map((one: { extensions?: { code?: unknown } }) => one.extensions?.code);
  if (codes.includes("UNAUTHENTICATED")) {
    // The cookie was read when the socket opened: only a new one knows the renewed session.
    void renew().then(async () => (await client)?.terminate());
  }
  if (codes.includes(UNKNOWN_DOCUMENT)) reloadForNewBuild();
  return codes.includes("FORBIDDEN") || codes.includes("NOT_FOUND") ? "forbidden" : "closed";
}

/** The document itself, or its id where a build put that; the protocol wants a text in any case. */
function named(document: string): { query: string; extensions?: Record<string, unknown> } {
  const documentId = idOf(document);
  return documentId ? { query: "", extensions: { documentId } } : { query: document };
}

/** Finds out at once whether the connection is still there, as after a sleep of the computer. */
export function checkSocket(): void {
  check();
}

/** The WebSocket of this tab: one for all streams, opened by the first, closed after the last. */
export const socketTransport: Transport = (query, variables, sink) => {
  let turn: Turn | undefined;
  let stop: (() => void) | undefined;
  let ended = false;
  const end = (tell: () => void) => {
    if (!ended) tell();
    ended = true;
  };
  const leave = () => {
    open.delete(lost);
    stop?.();
  };
  const lost = (error: unknown) => {
    leave();
    turn?.ended();
    end(() => sink.failed(failureOf(error)));
  };
  const subscribe = (ready: Client) => () => {
    // The client would wait for its end, which a lost network never brings.
    leaveClosing();
    open.add(lost);
    stop = ready.subscribe<unknown>(
      { ...named(query), variables: variables as Record<string, unknown> },
      {
        next: (result) => {
          // A batch whose fields failed in part is one all the same: asked for again it would come again.
          if (result.errors && !result.data) end(() => sink.failed(failureOf(result.errors)));
          else if (!ended) sink.next(result.data);
        },
        error: lost,
        complete: () => {
          leave();
          turn?.ended();
          end(() => sink.complete());
        },
      },
    );
    return leave;
  };
  client ??= connect();
  const connecting = client;
  Promise.resolve(renewal)
    .then(() => connecting)
    .then(
      (ready) => {
        if (!ended) turn = pace.open(subscribe(ready));
      },
      (error) => {
        client = undefined;
        end(() => sink.failed(failureOf(error)));
      },
    );
  return () => {
    ended = true;
    turn?.close();
  };
};
