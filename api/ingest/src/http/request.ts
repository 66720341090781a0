import type { Context as CoreContext } from "@shiplog/core";
import { createMiddleware } from "hono/factory";
import type { RestEnv } from "./env.ts";

const REQUEST_ID = /^[A-Za-z0-9][\w.-]{7,63}$/;

export interface RequestOptions {
  readonly allowedOrigins: readonly string[];
  /** The caller's network address, behind the proxies that are trusted. */
  readonly addressOf: (request: Request, env: unknown) => string | null;
}

/**
 * Gives the request its context and correlation id. A caller's id is taken only in a strict form: it goes into
 * log lines and answers.
 */
export function requestContext(ctx: CoreContext, options: RequestOptions) {
  return createMiddleware<RestEnv>(async (c, next) => {
    const sent = c.req.header("x-request-id") ?? "";
    const requestId = REQUEST_ID.test(sent) ? sent : ctx.newId();
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
