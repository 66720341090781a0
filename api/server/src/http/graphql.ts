import type { IncomingMessage, ServerResponse } from "node:http";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, rateHeaders, UnauthenticatedError } from "@shiplog/core";
import { isOutage } from "@shiplog/core/live";
import {
  type Credential,
  chargeGuess,
  checkOrigin,
  EXPOSED_HEADERS,
  isHangUp,
  originOf,
  originPermits,
  readCredential,
  requestIdOf,
} from "@shiplog/ingest";
import type { Accepted, Asked, Documents, LiveServer } from "@shiplog/live";
import { GraphQLError } from "graphql";
import { Hono, type Context as HonoContext } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { refuse, refuseOperation } from "./answers.ts";
import { type Charge, chargeOperation, overdrawn, refusalOf } from "./charge.ts";
import { ParamsError, readParams } from "./params.ts";
import { securityHeaders } from "./secure.ts";
import { AWAY, type GraphQLServer } from "./yoga.ts";

export interface GraphQLRouteOptions {
  readonly ctx: Context;
  readonly yoga: GraphQLServer;
  /** The same that the streams' transports ask. */
  readonly documents: Documents;
  readonly allowedOrigins: readonly string[];
  /** The caller's network address; absent: unknown. */
  readonly addressOf?: (request: Request, env: unknown) => string | null;
  /** Answers requests for streams (`accept: text/event-stream`). */
  readonly live: Pick<LiveServer, "handleSse" | "accessMark" | "unavailable">;
}

interface Edge {
  Bindings: { incoming: IncomingMessage; outgoing: ServerResponse };
  Variables: { credential: Credential | null; accessMark: number; requestId: string };
}

/** An activity comes with its texts and diffs; whoever is not signed in has little to ask. */
const MAX_BODY = { known: 8 * 1024 * 1024, stranger: 64 * 1024 } as const;

function limitBody(maxSize: number) {
  return bodyLimit({ maxSize, onError: () => tooLarge(maxSize) });
}

/** What is still to come of the body is not read, so no other request can follow on this connection. */
function tooLarge(maxSize: number): Response {
  const message = `A GraphQL request holds at most ${maxSize / 1024} KiB here.`;
  return refuse(413, "PAYLOAD_TOO_LARGE", message, { headers: { connection: "close" } });
}

/** What failed outside of GraphQL: masked and logged as inside of it. */
function unexpected(
  { ctx, live }: GraphQLRouteOptions,
  error: Error,
  request: Request,
  requestId: string,
): Response {
  if (isOutage(error)) {
    ctx.log.warn({ error, requestId }, "a GraphQL request could not be answered: no database");
    if (/\btext\/event-stream\b/i.test(request.headers.get("accept") ?? "")) return live.unavailable(request);
    return refuse(503, "UNAVAILABLE", AWAY, { headers: { "retry-after": "1" } });
  }
  const level = isHangUp(error) ? "debug" : "error";
  ctx.log[level]({ error, requestId }, "a GraphQL request failed unexpectedly");
  return refuse(500, "INTERNAL_SERVER_ERROR", "Unexpected error.", { reference: requestId });
}

/** Why this request may not reach GraphQL; null: it may. */
function refusal(
  options: GraphQLRouteOptions,
  request: Request,
  credential: Credential | null,
): Response | null {
  if (request.method === "POST" && !/^application\/json\b/i.test(request.headers.get("content-type") ?? ""))
    return refuse(415, "UNSUPPORTED_MEDIA_TYPE", "GraphQL takes application/json.");
  if ((request.headers.get("content-encoding") ?? "identity") !== "identity")
    return refuse(415, "UNSUPPORTED_MEDIA_TYPE", "The body must not be compressed.");
  const verdict = checkOrigin(request.headers, options.ctx.settings.publicUrl, options.allowedOrigins);
  // A page elsewhere may send the cookie along; it must not act with it. Browsers send no Origin with a GET over
  // plain http off loopback, and a GET changes nothing.
  if (!originPermits(verdict, credential?.via === "cookie" && request.method !== "GET"))
    return refuse(403, "FORBIDDEN", "This request comes from a page of another origin.");
  return null;
}

/** POST and GET /graphql: queries and mutations by Yoga, streams by the live engine. */
export function graphqlRoutes(options: GraphQLRouteOptions): Hono<Edge> {
  const { ctx, allowedOrigins } = options;
  const app = new Hono<Edge>();
  app.onError((error, c) => unexpected(options, error, c.req.raw, c.var.requestId));
  app.use(
    cors({
      origin: (origin) => (allowedOrigins.includes(origin) ? origin : null),
      credentials: true,
      allowHeaders: ["authorization", "content-type", "x-request-id", "last-event-id"],
      exposeHeaders: EXPOSED_HEADERS,
      maxAge: 600,
    }),
  );
  const [known, stranger] = [limitBody(MAX_BODY.known), limitBody(MAX_BODY.stranger)];
  app.use("/graphql", async (c, next) => {
    c.set("requestId", requestIdOf(ctx, c.req.raw.headers));
    // Said before it is read, and before anybody is looked up.
    if (Number(c.req.header("content-length") ?? 0) > MAX_BODY.known) return tooLarge(MAX_BODY.known);
    c.set("accessMark", options.live.accessMark());
    try {
      c.set("credential", await readCredential(ctx, { headers: c.req.raw.headers }));
    } catch (error) {
      if (!(error instanceof UnauthenticatedError)) throw error;
      return refuseGuess(options, c, error);
    }
    return (c.var.credential ? known : stranger)(c, next);
  });
  app.on(["GET", "POST"], "/graphql", async (c) => {
    const response = await answer(options, c).catch((error) => refuseParams(options, c, error));
    // The transport has written it, headers included.
    if (response === RESPONSE_ALREADY_SENT) return response;
    response.headers.set("x-request-id", c.var.requestId);
    response.headers.set("cache-control", "no-store");
    return response;
  });
  app.all("/graphql", () => refuse(405, "METHOD_NOT_ALLOWED", "GraphQL takes GET and POST."));
  return app;
}

/** A credential that does not hold; whoever tries out many is sent away for the rest of the minute. */
async function refuseGuess(
  options: GraphQLRouteOptions,
  c: HonoContext<Edge>,
  error: UnauthenticatedError,
): Promise<Response> {
  const state = await chargeGuess(options.ctx, addressOf(options, c));
  const headers = state ? rateHeaders(state) : {};
  const tooMany = refusalOf(state);
  if (tooMany) return refuseOperation(c.req.raw, [tooMany], headers);
  return refuse(401, error.code, error.message, { headers });
}

/** A body that is no GraphQL request was read all the same, and is charged as a document that is none. */
async function refuseParams(
  options: GraphQLRouteOptions,
  c: HonoContext<Edge>,
  error: unknown,
): Promise<Response> {
  if (!(error instanceof ParamsError)) throw error;
  const errors = [new GraphQLError(error.message, { extensions: { code: "BAD_REQUEST" } })];
  const caller = { credential: c.var.credential, address: addressOf(options, c) };
  const charge = await chargeOperation(options.ctx, { document: null, errors }, caller);
  return refuseOperation(c.req.raw, charge.refused ? [charge.refused] : errors, charge.headers);
}

async function answer(options: GraphQLRouteOptions, c: HonoContext<Edge>): Promise<Response> {
  const { credential, accessMark, requestId } = c.var;
  const refused = refusal(options, c.req.raw, credential);
  if (refused) return refused;
  const text = c.req.method === "POST" ? await c.req.raw.text() : null;
  const asked = text === null ? null : readParams(text);
  const { url, method, headers } = c.req.raw;
  // Its body is read here, once, for every transport behind.
  const request = new Request(url, { method, headers, body: text });
  const streamed = await options.live.handleSse({
    request,
    credential,
    accessMark,
    requestId,
    response: c.env.outgoing,
    headers: {
      ...securityHeaders(options.ctx.settings.publicUrl),
      ...Object.fromEntries(c.res.headers),
      "x-request-id": requestId,
    },
  });
  if (streamed) return streamed === "sent" ? RESPONSE_ALREADY_SENT : streamed;
  if (text === null || !asked)
    return refuse(405, "METHOD_NOT_ALLOWED", "Send queries and mutations by POST.");
  const address = addressOf(options, c);
  const before = options.documents.isNew(asked) ? overdrawn(options.ctx, { credential, address }) : null;
  if (before?.refused) return refuseOperation(request, [before.refused], before.headers);
  const checked = options.documents.check(asked, credential);
  const bytes = Buffer.byteLength(text);
  const caller = { credential, address, variables: asked.variables, bytes };
  const charge = await chargeOperation(options.ctx, checked, caller);
  if (charge.refused) return refuseOperation(request, [charge.refused], charge.headers);
  if (checked.errors) return refuseOperation(request, checked.errors, charge.headers);
  return run(options, request, {
    asked,
    checked,
    charge,
    credential,
    requestId,
    address,
  });
}

interface Operation {
  readonly asked: Asked;
  readonly checked: Accepted;
  readonly charge: Charge;
  readonly credential: Credential | null;
  readonly requestId: string;
  readonly address: string | null;
}

async function run(
  { yoga }: GraphQLRouteOptions,
  request: Request,
  { asked, checked, charge, credential, requestId, address }: Operation,
): Promise<Response> {
  const answered = await yoga.fetch(new Request(request.url, { method: "POST", headers: request.headers }), {
    actor: credential?.actor ?? null,
    requestId,
    origin: originOf(request.headers, requestId, address),
    asked,
    checked,
    rate: charge.state && { ...charge.state, points: charge.points, cost: charge.cost },
  });
  // Read to its end first: a body of another implementation's stream, handed on, takes the process down when the
  // peer goes away in the middle of it.
  const response = new Response(answered.body && (await answered.text()), answered);
  for (const [name, value] of Object.entries(charge.headers)) response.headers.set(name, value);
  return response;
}

function addressOf(options: GraphQLRouteOptions, c: HonoContext<Edge>): string | null {
  return options.addressOf?.(c.req.raw, c.env) ?? null;
}
