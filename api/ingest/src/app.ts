import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "@shiplog/core";
import { cors } from "hono/cors";
import { registerSecurity } from "./document.ts";
import type { RestApp, RestEnv } from "./http/env.ts";
import { onError, onInvalid, onNotFound } from "./http/errors.ts";
import { requestContext } from "./http/request.ts";
import { registerAgents } from "./routes/agents.ts";
import { registerLogin } from "./routes/auth/login.ts";
import { registerLogout } from "./routes/auth/logout.ts";
import { registerRefresh } from "./routes/auth/refresh.ts";
import { registerDocs } from "./routes/docs.ts";
import { type HealthOptions, registerHealth } from "./routes/health.ts";
import { registerWebhooks } from "./routes/webhooks.ts";

export interface RestOptions {
  /** What readiness depends on; absent: always ready. */
  readonly health?: HealthOptions;
  /** Origins beside the server's own that browsers may call from; closed unless named. */
  readonly allowedOrigins?: readonly string[];
  /** The caller's network address; absent: unknown. */
  readonly addressOf?: (request: Request, env: unknown) => string | null;
}

const HEALTHY: HealthOptions = { checks: {}, draining: () => false };

/** Every REST route with its full path: /api/v1/*, /api/docs, /health*. */
export function createRestApp(ctx: Context, options: RestOptions = {}): RestApp {
  const app: RestApp = new OpenAPIHono<RestEnv>({ defaultHook: onInvalid });
  const allowedOrigins = options.allowedOrigins ?? [];
  app.use(requestContext(ctx, { allowedOrigins, addressOf: options.addressOf ?? (() => null) }));
  app.use(
    cors({
      origin: (origin) => (allowedOrigins.includes(origin) ? origin : null),
      credentials: true,
      allowHeaders: ["authorization", "content-type", "x-request-id"],
      exposeHeaders: ["x-request-id"],
      maxAge: 600,
    }),
  );
  app.onError(onError);
  app.notFound(onNotFound);
  registerSecurity(app);
  registerLogin(app);
  registerRefresh(app);
  registerLogout(app);
  registerAgents(app);
  registerWebhooks(app);
  registerHealth(app, options.health ?? HEALTHY);
  registerDocs(app);
  return app;
}
