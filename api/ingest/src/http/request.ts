import type { Context as CoreContext } from "@shiplog/core";
import { createMiddleware } from "hono/factory";
import type { RestEnv } from "./env.ts";

const REQUEST_ID = /^[A-Za-z0-9][\w.-]{7,63}$/;

/** The correlation id of a request: its own in a strict form, for it goes into log lines and answers; else a new one. */
export function requestIdOf(ctx: CoreContext, headers: Headers): string {
  const sent = headers.get("x-request-id") ?? "";
  return REQUEST_ID.test(sent) ? sent : ctx.newId();
}

export interface RequestOptions {
  readonly allowedOrigins: readonly string[];
  /** The caller's network address, behind the proxies that are trusted. */
  readonly addressOf: (request: Request, env: unknown) => string | null;
}

/** Gives the request its context and correlation id. */
export function requestContext(ctx: CoreContext, options: RequestOptions) {
  return createMiddleware<RestEnv>(async (c, next) => {
    const requestId = requestIdOf(ctx, c.req.raw.headers);
    c.set("ctx", ctx);
    c.set("requestId", requestId);
    c.set("credential", null);
    c.set("allowedOrigins", options.allowedOrigins);
    c.set("address", options.addressOf(c.req.raw, c.env));
    c.header("x-request-id", requestId);
    c.header("x-content-type-options", "nosniff");
    c.header("cache-control", "no-store");
    await next();
  });
}
