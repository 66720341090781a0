import {
  type Context as CoreContext,
  correlationOf,
  currentCorrelation,
  noteRoute,
  type Origin,
} from "@shiplog/core";
import { createMiddleware } from "hono/factory";
import { matchedRoutes } from "hono/route";
import type { RestContext, RestEnv } from "./env.ts";

/** The correlation id of a request: the one that the server's edge gave it, else what `correlationOf` takes or makes. */
export function requestIdOf(ctx: CoreContext, headers: Headers): string {
  const current = currentCorrelation();
  if (current) return current.requestId;
  const carried = { requestId: headers.get("x-request-id"), traceparent: headers.get("traceparent") };
  return correlationOf(carried, ctx.newId).requestId;
}

/** Where a request came from, for the audit log. */
export function originOf(headers: Headers, requestId: string, address: string | null): Origin {
  return { address, userAgent: headers.get("user-agent"), requestId };
}

export interface RequestOptions {
  readonly allowedOrigins: readonly string[];
  /** The caller's network address, behind the proxies that are trusted. */
  readonly addressOf: (request: Request, env: unknown) => string | null;
}

/** The template of the route that answered; what matched nothing but middleware has none. */
function routeOf(c: RestContext): string {
  const path = matchedRoutes(c).at(-1)?.path ?? "*";
  return path.endsWith("*") ? "unmatched" : path;
}

/** Gives the request its context and correlation id. */
export function requestContext(ctx: CoreContext, options: RequestOptions) {
  return createMiddleware<RestEnv>(async (c, next) => {
    const requestId = requestIdOf(ctx, c.req.raw.headers);
    const address = options.addressOf(c.req.raw, c.env);
    c.set("ctx", { ...ctx, origin: originOf(c.req.raw.headers, requestId, address) });
    c.set("requestId", requestId);
    c.set("credential", null);
    c.set("allowedOrigins", options.allowedOrigins);
    c.set("address", address);
    c.header("x-request-id", requestId);
    c.header("cache-control", "no-store");
    await next();
    noteRoute(routeOf(c));
  });
}
