import { createRoute, type RouteConfig } from "@hono/zod-openapi";
import { type Actor, jsonExcess, UnauthenticatedError } from "@shiplog/core";
import { auditFailure } from "@shiplog/core/account";
import type { Handler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import { HTTPException } from "hono/http-exception";
import { type Credential, hasSessionCookie, readCredential } from "./credentials.ts";
import type { RestApp, RestContext, RestEnv } from "./env.ts";
import { errorEnvelope } from "./envelope.ts";
import { ForeignOriginError } from "./errors.ts";
import { checkOrigin, originPermits } from "./origin.ts";
import { chargeStranger, rateGuard } from "./rate.ts";

/**
 * public: anybody; actor: a session or an API key, whose powers the core function checks; signature: the
 * sender proves itself by a signature over the body, cookies and Authorization play no part.
 */
type Access = "public" | "actor" | "signature";

const MAX_BODY = 64 * 1024;
const SAFE = new Set(["get", "head", "options"]);

const DESCRIPTIONS = {
  400: "The body is not JSON.",
  401: "No valid session, access token or API key.",
  403: "The caller lacks the power, or the request comes from a page of another origin.",
  404: "No such object, or the caller may not see it.",
  413: "The body is too large.",
  415: "The body has a content type that is not taken here.",
  410: "The link was used, replaced, revoked, or has run out.",
  422: "The input breaks a rule; each entry of `errors` names a place.",
  429: "Too many requests, or failed attempts; `Retry-After` says when to come back.",
  500: "A fault of the server; it was logged with the request id.",
  409: "Something of that name or key exists already.",
  503: "Too much at once, or the database is away; the same request may pass a moment later.",
} as const;
type ErrorStatus = keyof typeof DESCRIPTIONS;

export interface RouteRule {
  /** Who may call; enforced before the handler runs. */
  readonly access: Access;
  /** Failures beside those that follow from access, method and body. */
  readonly errors?: readonly ErrorStatus[];
  /** The word of what it changes in the audit log; for a route of an actor that changes something. */
  readonly action?: string;
  /** Never counted against a rate limit. */
  readonly free?: boolean;
  /** Bytes of a request body; 64 KiB unless said. */
  readonly maxBody?: number;
}

/**
 * Declares a route with its access rule: adds the guards that enforce the rule, and the answers of every failure
 * to the document. `signature` routes check sizes and types themselves, over the raw bytes.
 */
export function defineRoute<P extends string, R extends Omit<RouteConfig, "path"> & { path: P }>(
  rule: RouteRule,
  config: R,
) {
  const guards =
    rule.access === "signature"
      ? []
      : [
          originGuard,
          credentialGuard(rule.access),
          ...(rule.free ? [] : [rateGuard]),
          limitBody(rule.maxBody ?? MAX_BODY),
          jsonGuard,
          ...(rule.action ? [auditGuard(rule.action)] : []),
        ];
  const full = {
    ...config,
    ...(rule.access === "actor" && { security: [{ bearer: [] }, { cookie: [] }] }),
    "x-access": rule.access,
    responses: { ...errorResponses(rule, config), ...config.responses },
    middleware: guards,
  };
  // The guards and error answers are for the run time and the document: a handler never returns them itself.
  return createRoute<P, R>(full as unknown as R);
}

function errorResponses(rule: RouteRule, config: Omit<RouteConfig, "path">): RouteConfig["responses"] {
  const statuses = new Set<ErrorStatus>([500, 503, ...(rule.errors ?? [])]);
  const { request } = config;
  if (rule.access === "actor") statuses.add(401);
  if (!rule.free && rule.access !== "signature") statuses.add(429);
  if (!SAFE.has(config.method)) statuses.add(403);
  if (request?.body) for (const status of [400, 413, 415, 422] as const) statuses.add(status);
  if (request?.params || request?.query) statuses.add(422);
  const content = { "application/json": { schema: errorEnvelope } };
  return Object.fromEntries(
    [...statuses].sort().map((status) => [status, { description: DESCRIPTIONS[status], content }]),
  );
}

/** A page of another origin must not act with the visitor's cookies, nor sign him in as somebody else. */
const originGuard = createMiddleware<RestEnv>(async (c, next) => {
  const { headers } = c.req.raw;
  if (!SAFE.has(c.req.method.toLowerCase()) && !headers.get("authorization")) {
    const verdict = checkOrigin(headers, c.var.ctx.settings.publicUrl, c.var.allowedOrigins);
    if (!originPermits(verdict, hasSessionCookie(c.var.ctx, { headers }))) throw new ForeignOriginError();
  }
  await next();
});

function credentialGuard(access: "public" | "actor") {
  return createMiddleware<RestEnv>(async (c, next) => {
    if (access === "actor") {
      const credential = await credentialOf(c);
      if (!credential) {
        await chargeStranger(c);
        throw new UnauthenticatedError("Sign in, or send an API key as a bearer token.");
      }
      c.set("credential", credential);
    }
    await next();
  });
}

async function credentialOf(c: RestContext): Promise<Credential | null> {
  try {
    return await readCredential(c.var.ctx, { headers: c.req.raw.headers });
  } catch (error) {
    if (error instanceof UnauthenticatedError) await chargeStranger(c);
    throw error;
  }
}

/** Core writes its own entries; this one is for what fails before it, e.g. an id of another type. */
function auditGuard(action: string) {
  return createMiddleware<RestEnv>(async (c, next) => {
    await next();
    if (c.error) await auditFailure(c.var.ctx, actorOf(c), { action }, c.error);
  });
}

/** Before anything parses it. Bodies come as they are: what is compressed could unpack to any size. */
const jsonGuard = createMiddleware<RestEnv>(async (c, next) => {
  const encoding = c.req.header("content-encoding") ?? "identity";
  if (encoding !== "identity") throw new HTTPException(415, { message: "The body must not be compressed." });
  const isJson = /\bjson\b/i.test(c.req.header("content-type") ?? "");
  const excess = isJson ? jsonExcess(await c.req.text()) : null;
  if (excess)
    throw new HTTPException(400, { message: `The body exceeds the ${excess} that JSON may have here.` });
  await next();
});

function limitBody(maxSize: number) {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new HTTPException(413, { message: `The body is larger than ${maxSize} bytes.` });
    },
  });
}

/** Files and pages beside the document's operations, by app: their paths, all public. */
const PAGES = new WeakMap<RestApp, string[]>();

/** Serves a public file or page by GET that is no operation of the API. */
export function servePage(app: RestApp, path: string, handler: Handler<RestEnv>): void {
  PAGES.set(app, [...pagesOf(app), path]);
  app.get(path, handler);
}

/** The paths given to servePage. */
export function pagesOf(app: RestApp): readonly string[] {
  return PAGES.get(app) ?? [];
}

/** The caller of a route with access "actor". */
export function actorOf(c: RestContext): Actor {
  const { credential } = c.var;
  if (!credential) throw new Error("the route is not declared with access actor");
  return credential.actor;
}
