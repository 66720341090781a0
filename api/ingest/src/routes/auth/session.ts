import { z } from "@hono/zod-openapi";
import { encodeId } from "@shiplog/core";
import type { SignedIn } from "@shiplog/core/account";
import { deleteCookie, setCookie } from "hono/cookie";
import { cookieNames, REFRESH_PATH } from "../../http/cookies.ts";
import type { RestContext } from "../../http/env.ts";

export const sessionData = z
  .object({
    accessToken: z.string().openapi({ description: "For `Authorization: Bearer`." }),
    expiresAt: z.iso.datetime().openapi({ description: "When the access token ends (RFC 3339, UTC)." }),
    refreshToken: z.string().nullable().openapi({
      description: "For programs, to be sent to /refresh; null for a browser, which keeps it in a cookie.",
    }),
    user: z.object({
      id: z.string().openapi({ example: "usr_01kaq3v8x2d5w0y9b7c4e6f1g3" }),
      email: z.string(),
      name: z.string(),
      isAdmin: z.boolean().openapi({ description: "Administrator of this installation." }),
    }),
  })
  .openapi("Session");

/** Sets both cookies and returns the answer's data. */
export function answerSession(c: RestContext, { access, refreshToken, session, user }: SignedIn) {
  const { settings, clock } = c.var.ctx;
  const names = cookieNames(settings.publicUrl);
  const now = clock.now().getTime();
  const common = { httpOnly: true, secure: names.secure } as const;
  setCookie(c, names.access, access.token, {
    ...common,
    path: "/",
    sameSite: "Lax",
    maxAge: secondsUntil(now, access.expiresAt),
  });
  setCookie(c, names.refresh, refreshToken, {
    ...common,
    path: REFRESH_PATH,
    sameSite: "Strict",
    maxAge: secondsUntil(now, session.expiresAt),
  });
  return {
    accessToken: access.token,
    expiresAt: access.expiresAt.toISOString(),
    refreshToken: fromBrowser(c) ? null : refreshToken,
    user: { id: encodeId("User", user.id), email: user.email, name: user.name, isAdmin: user.isAdmin },
  };
}

/** Takes both cookies away. */
export function clearSession(c: RestContext): void {
  const { access, refresh, secure } = cookieNames(c.var.ctx.settings.publicUrl);
  deleteCookie(c, access, { path: "/", secure });
  deleteCookie(c, refresh, { path: REFRESH_PATH, secure });
}

/** A page's script cannot remove these headers, so it never gets to see the refresh token. */
function fromBrowser(c: RestContext): boolean {
  return c.req.header("sec-fetch-site") !== undefined || c.req.header("origin") !== undefined;
}

function secondsUntil(now: number, end: Date): number {
  return Math.max(0, Math.floor((end.getTime() - now) / 1000));
}
