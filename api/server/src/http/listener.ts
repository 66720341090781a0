import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener, RequestError } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Log } from "@shiplog/core";
import type { Handlers } from "./app.ts";
import { secured, securityHeaders } from "./secure.ts";

/** Answers a request as the web's interfaces have it. */
export type Fetch = (
  request: Request,
  bindings: { incoming: IncomingMessage },
) => Response | Promise<Response>;

/** The side of a server that takes requests: what they must be like, and the headers of every answer. */
export function createListener(answer: Fetch, publicUrl: string, log: Log): Handlers["request"] {
  const headers = securityHeaders(publicUrl);
  const fetchOne: Fetch = async (request, bindings) => {
    const response = await answer(genuine(request), bindings);
    return response === RESPONSE_ALREADY_SENT ? response : secured(response, headers);
  };
  const listener = getRequestListener(fetchOne as never, {
    overrideGlobalObjects: false,
    // A check of health by HTTP/1.0 may come without.
    hostname: new URL(publicUrl).host,
    errorHandler: (error) => {
      const status = error instanceof RequestError ? 400 : 500;
      if (status === 500) log.error({ error }, "a request failed unexpectedly");
      return secured(new Response(null, { status }), headers);
    },
  });
  return (request, response) => {
    const status = faultOf(request);
    if (status === null) void listener(request, response);
    else refuse(response, status, headers);
  };
}

/** What no route is asked about: a method that sends back what came, and two answers to the question whose host it is. */
function faultOf({ method, rawHeaders }: IncomingMessage): 400 | 405 | null {
  if (method === "TRACE") return 405;
  const hosts = rawHeaders.filter((text, at) => at % 2 === 0 && text.length === 4 && /^host$/i.test(text));
  return hosts.length > 1 ? 400 : null;
}

/** A body that may follow is not read, so no other request can follow on this connection. */
function refuse(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>): void {
  response.writeHead(status, { ...headers, connection: "close", "content-length": "0" }).end();
}

/** A limit on a body of unknown length wraps the request anew, which works with a genuine one only. */
function genuine(request: Request): Request {
  const { url, method, headers, signal } = request;
  if (method === "GET" || method === "HEAD" || headers.has("content-length")) return request;
  return new Request(url, { method, headers, signal, body: request.body, duplex: "half" } as RequestInit);
}
