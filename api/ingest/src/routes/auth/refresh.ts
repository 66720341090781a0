import { z } from "@hono/zod-openapi";
import { UnauthenticatedError } from "@shiplog/core";
import { refreshSession } from "@shiplog/core/account";
import { cookieNames, parseCookies } from "../../http/cookies.ts";
import type { RestApp, RestContext } from "../../http/env.ts";
import { envelope, ok } from "../../http/envelope.ts";
import { defineRoute } from "../../http/route.ts";
import { answerSession, clearSession, sessionData } from "./session.ts";

const body = z
  .object({
    refreshToken: z.string().max(512).nullish().openapi({ description: "Absent: the cookie is taken." }),
  })
  .openapi("RefreshInput");

const refresh = defineRoute(
  { access: "public", errors: [401] },
  {
    method: "post",
    path: "/api/v1/auth/refresh",
    operationId: "refresh",
    tags: ["auth"],
    summary: "A new access token",
    description:
      "Takes the refresh token from its cookie or from the body and prolongs the session, to at most 30 days " +
      "after the sign-in. After a 401 only a new sign-in helps; the cookies are taken away.",
    request: { body: { required: false, content: { "application/json": { schema: body } } } },
    responses: {
      200: {
        description: "Both cookies are set anew.",
        content: { "application/json": { schema: envelope(sessionData) } },
      },
    },
  },
);

/** The refresh token of the body, else of the cookie; null without any. */
export function refreshTokenOf(c: RestContext, sent: string | null | undefined): string | null {
  const { refresh: name } = cookieNames(c.var.ctx.settings.publicUrl);
  return sent ?? parseCookies(c.req.header("cookie")).get(name) ?? null;
}

export function registerRefresh(app: RestApp): void {
  app.openapi(refresh, async (c) => {
    const token = refreshTokenOf(c, c.req.valid("json").refreshToken);
    try {
      if (!token) throw new UnauthenticatedError("There is no refresh token. Sign in.");
      return c.json(ok(c, answerSession(c, await refreshSession(c.var.ctx, token))), 200);
    } catch (error) {
      if (error instanceof UnauthenticatedError) clearSession(c);
      throw error;
    }
  });
}
