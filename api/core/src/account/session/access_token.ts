import { SignJWT } from "jose";
import type { Context } from "../../context.ts";
import { decodeIdAs, encodeId } from "../../ids.ts";
import { endOf, ISSUER, readClaims, type TokenKind } from "./claims.ts";
import { ACCESS_TOKEN_MS, ALGORITHM, loadSigner } from "./signing.ts";

const KIND: TokenKind = {
  audience: "shiplog-api",
  type: "at+jwt",
  requiredClaims: ["sub", "sid", "iat", "exp"],
};

export interface AccessToken {
  readonly token: string;
  readonly expiresAt: Date;
}

export interface AccessClaims {
  readonly userId: string;
  readonly sessionId: string;
  readonly expiresAt: Date;
  /** The signing key that vouches for it. */
  readonly signedBy: string;
}

/** A signed token for one session, good for 15 minutes while the session lives. Carries no roles. */
export async function issueAccessToken(
  ctx: Context,
  session: { readonly id: string; readonly userId: string },
): Promise<AccessToken> {
  const { id, privateKey } = await loadSigner(ctx);
  const now = Math.floor(ctx.clock.now().getTime() / 1000);
  const exp = now + ACCESS_TOKEN_MS / 1000;
  const token = await new SignJWT({ sid: encodeId("Session", session.id) })
    .setProtectedHeader({ alg: ALGORITHM, typ: KIND.type, kid: id })
    .setSubject(encodeId("User", session.userId))
    .setIssuer(ISSUER)
    .setAudience(KIND.audience)
    .setIssuedAt(now)
    .setExpirationTime(exp)
    .sign(privateKey);
  return { token, expiresAt: new Date(exp * 1000) };
}

/** The claims of a token of ours that has not expired; null for any other text. Does not look at the session. */
export async function readAccessToken(ctx: Context, token: string): Promise<AccessClaims | null> {
  const claims = await readClaims(ctx, token, KIND);
  if (!claims) return null;
  const { payload, signedBy } = claims;
  const userId = decodeIdAs("User", String(payload.sub));
  const sessionId = decodeIdAs("Session", String(payload.sid));
  return userId && sessionId ? { userId, sessionId, expiresAt: endOf(payload), signedBy } : null;
}
