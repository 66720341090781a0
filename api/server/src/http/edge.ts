import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type Correlation, correlate, correlationOf, encodeId, type Log, newUuid } from "@shiplog/core";
import type { Metrics } from "../telemetry/metrics.ts";
import type { OpenSpan, Traces } from "../telemetry/traces.ts";
import type { Handlers } from "./app.ts";

export interface EdgeOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly traces: Traces | null;
  /** Answers are the last on their connection: the process is about to go. */
  readonly draining: () => boolean;
}

/** What no route of ours answered. */
const UNMATCHED = "unmatched";

/**
 * Where every request comes in: it gets its correlation id (the caller's, if it has the strict form), a span and, at
 * the end of its answer, one line in the log and one sample in the metrics.
 */
export function createEdge(options: EdgeOptions, handlers: Handlers): Handlers {
  const upgrades = new Upgrades(options);
  return {
    request: (request, response) => handleRequest(options, handlers, request, response),
    upgrade: (request, socket, head) => {
      const begun = upgrades.begin(request, socket);
      begun.run(() => handlers.upgrade(request, socket, head));
    },
  };
}

/** What is kept of a request until it ends: of an upgrade, for as long as its socket lives. */
class Begun {
  readonly correlation: Correlation;
  readonly method: string;
  readonly #span: OpenSpan | null;
  readonly #began = performance.now();

  constructor({ traces }: EdgeOptions, request: IncomingMessage) {
    const { "x-request-id": requestId, traceparent } = request.headers;
    this.correlation = correlationOf({ requestId, traceparent }, newUuid);
    this.method = request.method ?? "GET";
    const attributes = { "http.request.method": this.method };
    this.#span = traces
      ? correlate(this.correlation, () => traces.begin(this.method, "server", attributes))
      : null;
  }

  run(work: () => void): void {
    correlate(this.correlation, () => (this.#span ? this.#span.within(work) : work()));
  }

  /** Its length in ms. */
  end(route: string, status: number): number {
    this.#span?.rename(`${this.method} ${route}`);
    this.#span?.set({ "http.route": route, "http.response.status_code": status });
    this.#span?.end(status >= 500);
    return performance.now() - this.#began;
  }
}

function handleRequest(
  options: EdgeOptions,
  handlers: Handlers,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const begun = new Begun(options, request);
  const { correlation, method } = begun;
  response.setHeader("x-request-id", correlation.requestId);
  closeWhenDraining(options, response);
  response.once("close", () => {
    // Nobody was left to answer: the status that proxies log for it.
    const status = response.writableFinished || response.headersSent ? response.statusCode : 499;
    const streamed = String(response.getHeader("content-type") ?? "").startsWith("text/event-stream");
    const route = `${correlation.route ?? UNMATCHED}${streamed ? " (stream)" : ""}`;
    const ms = begun.end(route, status);
    if (streamed) options.metrics.streamOpened("sse");
    else options.metrics.request(route, method, status, ms);
    correlate(correlation, () => writeLine(options.log, correlation, method, { route, status, ms }));
  });
  begun.run(() => handlers.request(request, response));
}

/** Looked at when the answer begins: a client that is not told sends its next request into a connection that closes. */
function closeWhenDraining({ draining }: EdgeOptions, response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response) as (...given: unknown[]) => ServerResponse;
  response.writeHead = (...given: unknown[]) => {
    if (draining()) response.setHeader("connection", "close");
    return writeHead(...given);
  };
}

const [SOCKETS, UNMATCHED_SOCKETS] = ["/graphql (websocket)", `${UNMATCHED} (websocket)`];

/** One listener for all sockets: a closure of its own would be kept for each as long as it lives. */
class Upgrades {
  readonly #options: EdgeOptions;
  readonly #open = new Map<Duplex, readonly [Begun, string]>();
  readonly #closed: (this: Duplex) => void;

  constructor(options: EdgeOptions) {
    this.#options = options;
    const upgrades = this;
    this.#closed = function closed() {
      upgrades.#end(this);
    };
  }

  begin(request: IncomingMessage, socket: Duplex): Begun {
    const begun = new Begun(this.#options, request);
    const route = request.url?.split("?", 1)[0] === "/graphql" ? SOCKETS : UNMATCHED_SOCKETS;
    this.#open.set(socket, [begun, route]);
    socket.on("close", this.#closed);
    this.#options.metrics.streamOpened("websocket");
    return begun;
  }

  #end(socket: Duplex): void {
    const [begun, route] = this.#open.get(socket) ?? [];
    this.#open.delete(socket);
    if (!begun || !route) return;
    const { correlation, method } = begun;
    const status = "bytesWritten" in socket && socket.bytesWritten === 0 ? 400 : 101;
    const ms = begun.end(route, status);
    correlate(correlation, () => writeLine(this.#options.log, correlation, method, { route, status, ms }));
  }
}

/** Nothing of it is the caller's own words: the address and the texts that he sent may hold anything. */
function writeLine(
  log: Log,
  { actor, operation }: Correlation,
  method: string,
  { route, status, ms }: { readonly route: string; readonly status: number; readonly ms: number },
): void {
  const who = whoOf(actor);
  log.info(
    { method, route, status, ms: Math.round(ms * 10) / 10, ...who, ...(operation && { operation }) },
    "request",
  );
}

function whoOf(actor: Correlation["actor"]): { actor: string | null; actorId?: string } {
  switch (actor?.type) {
    case "user":
      return { actor: "user", actorId: encodeId("User", actor.userId) };
    case "key":
      return { actor: "key", actorId: encodeId("ApiKey", actor.keyId) };
    default:
      return { actor: actor?.type ?? null };
  }
}
