import { z } from "@hono/zod-openapi";
import { encodeId } from "@shiplog/core";
import { DEVICE_MS, type SignedIn, type SignInOrigin } from "@shiplog/core/account";
import { deleteCookie, setCookie } from "hono/cookie";
import { cookieNames, parseCookies, REFRESH_PATH } from "../../http/cookies.ts";
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

/** From where the request signs in; a browser shows whether somebody signed in there before. */
export function originOf(c: RestContext): SignInOrigin {
  const { device } = cookieNames(c.var.ctx.settings.publicUrl);
  const token = parseCookies(c.req.header("cookie")).get(device) ?? null;
  return {
    userAgent: c.req.header("user-agent") ?? null,
    address: c.var.address,
    ...(fromBrowser(c) && { device: { token } }),
  };
}

/** Sets the cookies and returns the answer's data. */
export function answerSession(c: RestContext, signedIn: SignedIn) {
  const { access, refreshToken, user } = signedIn;
  setSessionCookies(c, signedIn);
  return {
    accessToken: access.token,
    expiresAt: access.expiresAt.toISOString(),
    refreshToken: fromBrowser(c) ? null : refreshToken,
    user: { id: encodeId("User", user.id), email: user.email, name: user.name, isAdmin: user.isAdmin },
  };
}

/** Sets the session's cookies, also on an answer that has no body to show them in. */
export function setSessionCookies(c: RestContext, { access, refreshToken, session, deviceToken }: SignedIn) {
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
  setDeviceCookie(c, deviceToken);
}

/** Makes the browser a known one of whoever proved himself there; null leaves it as it was. */
export function setDeviceCookie(c: RestContext, deviceToken: string | null): void {
  if (!deviceToken) return;
  const { device, secure } = cookieNames(c.var.ctx.settings.publicUrl);
  setCookie(c, device, deviceToken, {
    path: REFRESH_PATH,
    httpOnly: true,
    secure,
    // Also sent when the person comes back from another site's sign-in page.
    sameSite: "Lax",
    maxAge: DEVICE_MS / 1000,
  });
}

/** Takes the session's cookies away; the browser stays a known one. */
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
