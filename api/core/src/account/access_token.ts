import { errors, jwtVerify, SignJWT } from "jose";
import type { Context } from "../context.ts";
import { decodeIdAs, encodeId } from "../ids.ts";
import { ALGORITHM, loadSigner, loadVerifier } from "./signing.ts";

export const ACCESS_TOKEN_MS = 15 * 60_000;
const ISSUER = "shiplog";
const AUDIENCE = "shiplog-api";
const TYPE = "at+jwt";

export interface AccessToken {
  readonly token: string;
  readonly expiresAt: Date;
}

export interface AccessClaims {
  readonly userId: string;
  readonly sessionId: string;
  readonly expiresAt: Date;
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
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: id })
    .setSubject(encodeId("User", session.userId))
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(now)
    .setExpirationTime(exp)
    .sign(privateKey);
  return { token, expiresAt: new Date(exp * 1000) };
}

/** The claims of a token of ours that has not expired; null for any other text. Does not look at the session. */
export async function readAccessToken(ctx: Context, token: string): Promise<AccessClaims | null> {
  try {
    const { payload } = await jwtVerify(
      token,
      async ({ kid }) => {
        const key = kid ? await loadVerifier(ctx, kid) : null;
        if (!key) throw new errors.JWKSNoMatchingKey();
        return key;
      },
      {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ["sub", "sid", "iat", "exp"],
        currentDate: ctx.clock.now(),
      },
    );
    const userId = decodeIdAs("User", String(payload.sub));
    const sessionId = decodeIdAs("Session", String(payload.sid));
    if (!userId || !sessionId) return null;
    return { userId, sessionId, expiresAt: new Date((payload.exp ?? 0) * 1000) };
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}
