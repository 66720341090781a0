import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "@shiplog/core";
import { cors } from "hono/cors";
import { registerSecurity } from "./document.ts";
import type { RestApp, RestEnv } from "./http/env.ts";
import { onError, onInvalid, onNotFound } from "./http/errors.ts";
import { EXPOSED_HEADERS } from "./http/origin.ts";
import { requestContext } from "./http/request.ts";
import { registerAgents } from "./routes/agents.ts";
import { registerCallback } from "./routes/auth/callback.ts";
import { registerInvitations } from "./routes/auth/invitations.ts";
import { registerLogin } from "./routes/auth/login.ts";
import { registerLogout } from "./routes/auth/logout.ts";
import { registerPasswordReset } from "./routes/auth/password_reset.ts";
import { registerProviders, type SignInOptions } from "./routes/auth/providers.ts";
import { registerRefresh } from "./routes/auth/refresh.ts";
import { registerSessions } from "./routes/auth/sessions.ts";
import { registerDocs } from "./routes/docs.ts";
import { type HealthOptions, registerHealth } from "./routes/health.ts";
import { registerWebhooks } from "./routes/webhooks.ts";

export interface RestOptions {
  /** What readiness depends on; absent: always ready. */
  readonly health?: HealthOptions;
  /** Origins beside the server's own that browsers may call from; closed unless named. */
  readonly allowedOrigins?: readonly string[];
  /** Providers that people sign in with; absent: none. */
  readonly signIn?: SignInOptions;
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
      exposeHeaders: EXPOSED_HEADERS,
      maxAge: 600,
    }),
  );
  app.onError(onError);
  app.notFound(onNotFound);
  registerSecurity(app);
  registerLogin(app);
  registerRefresh(app);
  registerSessions(app);
  registerPasswordReset(app);
  registerInvitations(app);
  registerLogout(app);
  const signIn = options.signIn ?? { providers: [], signup: [] };
  registerProviders(app, signIn);
  registerCallback(app, signIn);
  registerAgents(app);
  registerWebhooks(app);
  registerHealth(app, options.health ?? HEALTHY);
  registerDocs(app);
  return app;
}
