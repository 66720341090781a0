import type { IncomingMessage, ServerResponse } from "node:http";
import type { Handlers } from "./app.ts";

const LIVE = { status: "ok", draining: false, checks: {} };
const NOT_READY = { status: "unavailable", draining: false, checks: { started: false } };

/** How long a request waits for the start, and how many do at most: a start that migrates for long has others to serve. */
const HOLD_MS = 10_000;
const HELD = 1_000;

export interface Starting extends Handlers {
  /** Hands everything that waits, and all that comes, to what has started. */
  release(handlers: Handlers): void;
}

/**
 * Until everything is there, health says so and requests wait: a proxy that only looks at connections sends them here
 * as soon as the port is taken. The process is alive all the same: whoever ends it for a migration that takes its time
 * only makes it begin anew.
 */
export function starting(): Starting {
  let started: Handlers | null = null;
  const held = new Map<
    ServerResponse,
    { readonly request: IncomingMessage; readonly timer: NodeJS.Timeout }
  >();
  const hold = (request: IncomingMessage, response: ServerResponse) => {
    const leave = () => {
      clearTimeout(held.get(response)?.timer);
      held.delete(response);
    };
    const give = () => {
      leave();
      answer(response, 503, "text/plain", "Shiplog is starting.\n");
    };
    if (held.size >= HELD) return give();
    held.set(response, { request, timer: setTimeout(give, HOLD_MS) });
    response.once("close", leave);
  };
  return {
    request(request, response) {
      if (started) return started.request(request, response);
      const path = request.url?.split("?", 1)[0] ?? "";
      if (!path.startsWith("/health")) return hold(request, response);
      const live = path === "/health/live";
      const body = { data: live ? LIVE : NOT_READY, meta: {}, errors: [] };
      answer(response, live ? 200 : 503, "application/json", JSON.stringify(body));
    },
    upgrade(request, socket, head) {
      if (started) return started.upgrade(request, socket, head);
      socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n");
    },
    release(handlers) {
      started = handlers;
      for (const [response, { request, timer }] of held) {
        clearTimeout(timer);
        handlers.request(request, response);
      }
      held.clear();
    },
  };
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  const headers = { "content-type": type, "retry-after": "1", "cache-control": "no-store" };
  response.writeHead(status, headers).end(body);
}
