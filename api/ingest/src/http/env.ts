import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context as CoreContext } from "@shiplog/core";
import type { Context } from "hono";
import type { Credential } from "./credentials.ts";

/** What every route can read of its request. */
interface RestVariables {
  ctx: CoreContext;
  requestId: string;
  /** Who calls; null on a public route without a valid credential. */
  credential: Credential | null;
  /** Origins beside the server's own that browsers may call from. */
  allowedOrigins: readonly string[];
  /** The caller's network address; null when the composition root does not tell. */
  address: string | null;
}

export interface RestEnv {
  Variables: RestVariables;
}

export type RestApp = OpenAPIHono<RestEnv>;
export type RestContext = Context<RestEnv>;
