import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { InvalidInputError, noteRoute } from "@shiplog/core";
import { createGithubProvider, createOidcProvider } from "@shiplog/core/account";
import { createStreams, type Streams } from "@shiplog/core/live";
import {
  chargeGuess,
  checkOrigin,
  createRestApp,
  type HealthOptions,
  originPermits,
  readCredential,
  type SignInOptions,
} from "@shiplog/ingest";
import { createLive, Documents } from "@shiplog/live";
import { createSchema, isShared, measureOperation } from "@shiplog/schema";
import { type Env, ROOT } from "../env.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Services } from "../services.ts";
import { registerLive } from "../telemetry/gauges.ts";
import type { Seeing } from "../telemetry/open.ts";
import { addressReader } from "./address.ts";
import { chargeOperation, overdrawn, refusalOf } from "./charge.ts";
import { OPERATION_MS, withinTime } from "./deadline.ts";
import { createEdge } from "./edge.ts";
import { graphiqlRoutes } from "./graphiql.ts";
import { graphqlRoutes } from "./graphql.ts";
import { createListener, type Fetch } from "./listener.ts";
import { metricsAccess, serveMetrics } from "./metrics.ts";
import { trustedNames, watchOpening, watchOperations } from "./operations.ts";
import { dashboardRoutes } from "./static.ts";
import { mayAdHoc, trustedDocuments } from "./trusted.ts";
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

export interface AppParts {
  /** What a GraphQL operation may take (ms). */
  readonly operationMs?: number;
  readonly health: HealthOptions;
  readonly seeing: Seeing;
  readonly lifecycle: Lifecycle;
}

const REST = /^\/(api|health)(\/|$)/;

/** Everything that is served over HTTP, seen from outside; a lone worker serves its health and metrics only. */
export async function createApp(env: Env, services: Services, parts: AppParts): Promise<Handlers> {
  const { seeing, lifecycle } = parts;
  const routes = await createRoutes(env, services, parts);
  return createEdge({ ...seeing, draining: () => lifecycle.stopping }, routes);
}

async function createRoutes(
  env: Env,
  services: Services,
  { health, seeing, lifecycle, operationMs = OPERATION_MS }: AppParts,
): Promise<Handlers> {
  const { ctx } = services;
  const { allowedOrigins } = env;
  const listen = (answer: Fetch) => createListener(answer, ctx.settings.publicUrl, ctx.log);
  const readAddress = addressReader(env.trustedProxies);
  const addressOf = ({ headers }: Request, bindings: unknown) =>
    readAddress(headers, (bindings as { incoming?: IncomingMessage } | undefined)?.incoming);
  const rest = createRestApp(ctx, {
    health,
    allowedOrigins,
    addressOf,
    signIn: signInOf(env, services.egressFetch),
  });
  const access = metricsAccess(env, ctx.settings.publicUrl);
  const metrics: Fetch = (request, bindings) =>
    serveMetrics(seeing.metrics.registry, access, request, bindings);
  if (env.role === "worker")
    return {
      request: listen((request, bindings) => workerOnly(request, bindings, { rest, metrics })),
      upgrade: refuseUpgrade,
    };
  const schema = createSchema();
  const streams = createStreams({ ...ctx, db: services.streamsDb });
  lifecycle.onStop("streams", () => streams.close());
  const dist = join(ROOT, "client/dashboard/dist");
  const trusted = await trustedDocuments(dist);
  const documents = new Documents({
    schema,
    trusted,
    mayAdHoc: (credential) => mayAdHoc(env.adHocGraphQL, credential),
    measure: measureOperation,
  });
  const watched = { ...seeing, nameOf: trustedNames(trusted) };
  const live = createLive({
    ctx,
    streams,
    schema,
    documents,
    admit: (credential, checked, isNew) =>
      chargeOperation(ctx, checked, { credential, address: null, isNew }),
    overdrawn: (credential) => overdrawn(ctx, { credential, address: null }),
    addressOf: readAddress,
    guessed: async (address, actor) => refusalOf(await chargeGuess(ctx, address, actor)) === null,
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
    within: (work) => withinTime(operationMs, work),
    opening: watchOpening(watched),
    isShared: (document, operationName) => isShared(schema, document, operationName),
    contextFor: (caller) => ({ core: ctx, ...caller }),
  });
  lifecycle.onStop("live connections", () => live.drain());
  registerLive(seeing.metrics, () => live.stats());
  const yoga = createGraphQL({
    schema,
    timeoutMs: operationMs,
    operations: watchOperations(watched),
    log: ctx.log,
    contextFor: ({ actor, requestId, origin, rate }) => ({
      rate,
      core: { ...ctx, origin },
      actor,
      streams: NO_STREAMS,
      requestId,
    }),
  });
  const graphql = graphiqlRoutes(env.adHocGraphQL !== "keys");
  graphql.route("/", graphqlRoutes({ ctx, yoga, documents, allowedOrigins, addressOf, live }));
  const dashboard = dashboardRoutes(dist, ctx.settings.publicUrl);
  return {
    request: listen((request, bindings) => {
      const { pathname } = new URL(request.url);
      if (REST.test(pathname)) return rest.fetch(request, bindings);
      noteRoute(templateOf(pathname));
      if (pathname === "/metrics") return metrics(request, bindings);
      if (pathname === "/graphql" || pathname.startsWith("/graphql/"))
        return graphql.fetch(request, bindings);
      return dashboard.fetch(request, bindings);
    }),
    upgrade: (request, socket, head) => live.handleUpgrade(request, socket, head),
  };
}

/** What people may sign in with beside a password. */
function signInOf({ oidc, githubSignIn, signup }: Env, egress: typeof fetch): SignInOptions {
  const providers = [
    ...(oidc ? [createOidcProvider({ ...oidc, fetch: egress })] : []),
    ...(githubSignIn ? [createGithubProvider({ ...githubSignIn, fetch: egress })] : []),
  ];
  return { providers, signup };
}

function refuseUpgrade(_request: IncomingMessage, socket: Duplex): void {
  socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
}

/** Of what is no REST route; those tell their own. */
function templateOf(pathname: string): string {
  if (pathname === "/graphql" || pathname === "/metrics") return pathname;
  if (pathname.startsWith("/graphql/")) return "/graphql/*";
  return pathname.startsWith("/assets/") ? "/assets/*" : "/*";
}

function workerOnly(
  request: Request,
  bindings: { incoming: IncomingMessage },
  { rest, metrics }: { readonly rest: { fetch: Fetch }; readonly metrics: Fetch },
): Response | Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/health")) return rest.fetch(request, bindings);
  if (pathname === "/metrics") {
    noteRoute(pathname);
    return metrics(request, bindings);
  }
  return new Response("This is a worker: it serves /health and /metrics only.\n", { status: 404 });
}
