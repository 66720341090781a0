import { z } from "@hono/zod-openapi";
import { type Context, UnauthenticatedError } from "@shiplog/core";
import { invalidateRefreshToken, invalidateSession } from "@shiplog/core/account";
import { readCredential } from "../../http/credentials.ts";
import type { RestApp } from "../../http/env.ts";
import { envelope, ok } from "../../http/envelope.ts";
import { defineRoute } from "../../http/route.ts";
import { refreshTokenOf } from "./refresh.ts";
import { clearSession } from "./session.ts";

const body = z
  .object({
    refreshToken: z.string().max(512).nullish().openapi({ description: "Absent: the cookie is taken." }),
  })
  .openapi("LogoutInput");

const logout = defineRoute(
  { access: "public" },
  {
    method: "post",
    path: "/api/v1/auth/logout",
    operationId: "logout",
    tags: ["auth"],
    summary: "Sign out",
    description:
      "Ends the session of the refresh token and of the access token: both stop working at once, and streams " +
      "opened with them close. Without either it only takes the cookies away.",
    request: { body: { required: false, content: { "application/json": { schema: body } } } },
    responses: {
      200: {
        description: "The cookies are taken away.",
        content: { "application/json": { schema: envelope(z.object({ signedOut: z.literal(true) })) } },
      },
    },
  },
);

export function registerLogout(app: RestApp): void {
  app.openapi(logout, async (c) => {
    const { ctx } = c.var;
    const token = refreshTokenOf(c, c.req.valid("json").refreshToken);
    if (token) await invalidateRefreshToken(ctx, token);
    await endOwnSession(ctx, c.req.raw.headers);
    clearSession(c);
    return c.json(ok(c, { signedOut: true as const }), 200);
  });
}

/** Ends the session behind the access token; one that is no longer good needs no ending. */
async function endOwnSession(ctx: Context, headers: Headers): Promise<void> {
  try {
    const credential = await readCredential(ctx, { headers });
    if (credential?.actor.type === "user") await invalidateSession(ctx, credential.actor.sessionId);
  } catch (error) {
    if (!(error instanceof UnauthenticatedError)) throw error;
  }
}
