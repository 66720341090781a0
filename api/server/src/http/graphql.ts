import { type Context, UnauthenticatedError } from "@shiplog/core";
import {
  type Credential,
  checkOrigin,
  isHangUp,
  originPermits,
  readCredential,
  requestIdOf,
} from "@shiplog/ingest";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import type { GraphQLServer } from "./yoga.ts";

export interface GraphQLRouteOptions {
  readonly ctx: Context;
  readonly yoga: GraphQLServer;
  readonly allowedOrigins: readonly string[];
  /** Answers a request for a stream (`accept: text/event-stream`); null: it is not one. */
  readonly streams: (
    request: Request,
    credential: Credential | null,
    requestId: string,
  ) => Promise<Response | null>;
}

interface Edge {
  Variables: { credential: Credential | null; requestId: string };
}

/** An activity comes with its texts and diffs; whoever is not signed in has little to ask. */
const MAX_BODY = { known: 8 * 1024 * 1024, stranger: 64 * 1024 } as const;

function limitBody(maxSize: number) {
  const message = `A GraphQL request holds at most ${maxSize / 1024} KiB here.`;
  return bodyLimit({ maxSize, onError: () => refuse(413, "PAYLOAD_TOO_LARGE", message) });
}

function refuse(
  status: 401 | 403 | 405 | 413 | 415 | 500,
  code: string,
  message: string,
  reference?: string,
): Response {
  return Response.json({ errors: [{ message, extensions: { code, reference } }] }, { status });
}

/** What failed outside of GraphQL, e.g. because the database is away: masked and logged as inside of it. */
function unexpected(ctx: Context, error: Error, requestId: string): Response {
  const level = isHangUp(error) ? "debug" : "error";
  ctx.log[level]({ error, requestId }, "a GraphQL request failed unexpectedly");
  return refuse(500, "INTERNAL_SERVER_ERROR", "Unexpected error.", requestId);
}

/** Why this request may not reach GraphQL; null: it may. */
function refusal(
  options: GraphQLRouteOptions,
  request: Request,
  credential: Credential | null,
): Response | null {
  if (request.method === "POST" && !/^application\/json\b/i.test(request.headers.get("content-type") ?? ""))
    return refuse(415, "UNSUPPORTED_MEDIA_TYPE", "GraphQL takes application/json.");
  const verdict = checkOrigin(request.headers, options.ctx.settings.publicUrl, options.allowedOrigins);
  // A page elsewhere may send the cookie along; it must not act with it. Browsers send no Origin with a GET over
  // plain http off loopback, and a GET changes nothing.
  if (!originPermits(verdict, credential?.via === "cookie" && request.method !== "GET"))
    return refuse(403, "FORBIDDEN", "This request comes from a page of another origin.");
  return null;
}

/** POST and GET /graphql: queries and mutations by Yoga, streams by the live engine. */
export function graphqlRoutes(options: GraphQLRouteOptions): Hono<Edge> {
  const { ctx, yoga, allowedOrigins } = options;
  const app = new Hono<Edge>();
  app.onError((error, c) => unexpected(ctx, error, c.var.requestId));
  app.use(
    cors({
      origin: (origin) => (allowedOrigins.includes(origin) ? origin : null),
      credentials: true,
      allowHeaders: ["authorization", "content-type", "x-request-id", "last-event-id"],
      exposeHeaders: ["x-request-id"],
      maxAge: 600,
    }),
  );
  const [known, stranger] = [limitBody(MAX_BODY.known), limitBody(MAX_BODY.stranger)];
  app.use("/graphql", async (c, next) => {
    c.set("requestId", requestIdOf(ctx, c.req.raw.headers));
    try {
      c.set("credential", await readCredential(ctx, { headers: c.req.raw.headers }));
    } catch (error) {
      if (!(error instanceof UnauthenticatedError)) throw error;
      return refuse(401, error.code, error.message);
    }
    return (c.var.credential ? known : stranger)(c, next);
  });
  app.on(["GET", "POST"], "/graphql", async (c) => {
    const request = c.req.raw;
    const { credential, requestId } = c.var;
    const refused = refusal(options, request, credential);
    if (refused) return refused;
    const streamed = await options.streams(request, credential, requestId);
    if (streamed) return streamed;
    const answer = await yoga.fetch(request, { actor: credential?.actor ?? null, requestId });
    // Read to its end first: a body of another implementation's stream, handed on, takes the process down when the
    // peer goes away in the middle of it.
    const response = new Response(answer.body && (await answer.text()), answer);
    response.headers.set("x-request-id", requestId);
    response.headers.set("cache-control", "no-store");
    response.headers.set("x-content-type-options", "nosniff");
    return response;
  });
  app.all("/graphql", () => refuse(405, "METHOD_NOT_ALLOWED", "GraphQL takes GET and POST."));
  return app;
}
