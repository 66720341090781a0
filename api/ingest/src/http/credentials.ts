import { type Actor, type Context, UnauthenticatedError } from "@shiplog/core";
import { authenticateToken } from "@shiplog/core/account";
import { cookieNames, parseCookies } from "./cookies.ts";
import type { HeaderReader } from "./origin.ts";

export interface Credential {
  readonly actor: Actor;
  /** A cookie is sent by the browser unasked, so the request's origin must be checked. */
  readonly via: "bearer" | "cookie";
  /** When a bearer credential ends; null for a key without expiry, and for a cookie: it lives with its session. */
  readonly expiresAt: Date | null;
  /** The signing key that vouches for a token; null for an API key. */
  readonly signedBy: string | null;
}

export interface Credentials {
  readonly headers: HeaderReader;
  /** Absent: taken from the Cookie header. */
  readonly cookies?: ReadonlyMap<string, string>;
}

/** The token of an Authorization value ("Bearer …", or the bare token, as a socket's parameters may have it). */
export function bearerToken(authorization: string): string {
  return authorization.replace(/^bearer\s+/i, "").trim();
}

/** Whether the request carries one of the session's cookies. */
export function hasSessionCookie(ctx: Context, { headers, cookies }: Credentials): boolean {
  const { access, refresh } = cookieNames(ctx.settings.publicUrl);
  const sent = cookies ?? parseCookies(headers.get("cookie"));
  return sent.has(access) || sent.has(refresh);
}

/**
 * Who sends a request. Null without a credential, and for a cookie that is no longer good: the page refreshes
 * it. Throws UnauthenticatedError for a bad Authorization header, which is never forgiven for a good cookie.
 */
export async function readCredential(
  ctx: Context,
  { headers, cookies }: Credentials,
): Promise<Credential | null> {
  const authorization = headers.get("authorization");
  if (authorization) {
    return { ...(await authenticateToken(ctx, bearerToken(authorization))), via: "bearer" };
  }
  const token = (cookies ?? parseCookies(headers.get("cookie"))).get(
    cookieNames(ctx.settings.publicUrl).access,
  );
  if (!token) return null;
  try {
    return { ...(await authenticateToken(ctx, token)), via: "cookie", expiresAt: null };
  } catch (error) {
    if (error instanceof UnauthenticatedError) return null;
    throw error;
  }
}

/** As `readCredential`, the actor only. */
export async function authenticateRequest(ctx: Context, request: Credentials): Promise<Actor | null> {
  return (await readCredential(ctx, request))?.actor ?? null;
}
