import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { InvalidInputError } from "@shiplog/core";
import { createStreams, type Streams } from "@shiplog/core/live";
import {
  checkOrigin,
  createRestApp,
  type HealthOptions,
  originPermits,
  readCredential,
} from "@shiplog/ingest";
import { createLive } from "@shiplog/live";
import { createSchema } from "@shiplog/schema";
import { type Env, ROOT } from "../env.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Services } from "../services.ts";
import { addressReader } from "./address.ts";
import { graphiqlRoutes } from "./graphiql.ts";
import { graphqlRoutes } from "./graphql.ts";
import { dashboardRoutes } from "./static.ts";
import { createGraphQL } from "./yoga.ts";

/** What the process's one HTTP server hands its requests to. */
export interface Handlers {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** What Yoga answers is one result: streams have transports of their own, with limits and ends of credentials. */
const NO_STREAMS: Streams = {
  open: async () => {
    throw new InvalidInputError("A subscription runs over a WebSocket, or with `accept: text/event-stream`.");
  },
};

const REST = /^\/(api|health)(\/|$)/;

/** Everything that is served over HTTP; a lone worker serves its health only. */
export async function createApp(
  env: Env,
  services: Services,
  health: HealthOptions,
  lifecycle: Lifecycle,
): Promise<Handlers> {
  const { ctx } = services;
  const { allowedOrigins } = env;
  const rest = createRestApp(ctx, { health, allowedOrigins, addressOf: addressReader(env.trustedProxies) });
  if (env.role === "worker") return handlers((request, bindings) => healthOnly(request, rest, bindings));
  const schema = createSchema();
  const streams = createStreams(ctx);
  lifecycle.onStop("streams", () => streams.close());
  const live = createLive({
    ctx,
    streams,
    schema,
    limits: { connectionsPerActor: env.socketsPerUser },
    authenticate: (headers, authorization) =>
      readCredential(ctx, {
        headers:
          authorization === null
            ? headers
            : { get: (name) => (name === "authorization" ? authorization : null) },
      }),
    permitsOrigin: (headers, withCookie) =>
      originPermits(checkOrigin(headers, ctx.settings.publicUrl, allowedOrigins), withCookie),
    contextFor: (caller) => ({ core: ctx, ...caller }),
  });
  lifecycle.onStop("live connections", () => live.drain());
  const yoga = createGraphQL({
    schema,
    log: ctx.log,
    contextFor: ({ actor, requestId }) => ({ core: ctx, actor, streams: NO_STREAMS, requestId }),
  });
  const graphql = graphiqlRoutes();
  graphql.route("/", graphqlRoutes({ ctx, yoga, allowedOrigins, streams: live.handleSse }));
  const dashboard = dashboardRoutes(join(ROOT, "client/dashboard/dist"));
  return handlers(
    (request, bindings) => {
      const { pathname } = new URL(request.url);
      if (REST.test(pathname)) return rest.fetch(request, bindings);
      if (pathname === "/graphql" || pathname.startsWith("/graphql/"))
        return graphql.fetch(request, bindings);
      return dashboard.fetch(request, bindings);
    },
    (request, socket, head) => live.handleUpgrade(request, socket, head),
  );
}

type Fetch = (request: Request, bindings: { incoming: IncomingMessage }) => Response | Promise<Response>;

function handlers(fetch: Fetch, upgrade: Handlers["upgrade"] = refuseUpgrade): Handlers {
  const genuinely = (request: Request, bindings: { incoming: IncomingMessage }) =>
    fetch(genuine(request), bindings);
  const listener = getRequestListener(genuinely as never, { overrideGlobalObjects: false });
  return { request: (request, response) => void listener(request, response), upgrade };
}

/** A limit on a body of unknown length wraps the request anew, which works with a genuine one only. */
function genuine(request: Request): Request {
  const { url, method, headers, signal } = request;
  if (method === "GET" || method === "HEAD" || headers.has("content-length")) return request;
  return new Request(url, { method, headers, signal, body: request.body, duplex: "half" } as RequestInit);
}

function refuseUpgrade(_request: IncomingMessage, socket: Duplex): void {
  socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
}

function healthOnly(
  request: Request,
  rest: { fetch(request: Request, bindings: object): Response | Promise<Response> },
  bindings: object,
): Response | Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/health")) return rest.fetch(request, bindings);
  return new Response("This is a worker: it serves /health only.\n", { status: 404 });
}
