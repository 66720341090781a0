import { errors, type JWTPayload, jwtVerify } from "jose";
import type { Context } from "../../context.ts";
import { ALGORITHM, loadVerifier } from "./signing.ts";

export const ISSUER = "shiplog";

/** A kind of token: its own audience and type keep one from being taken for another. */
export interface TokenKind {
  readonly audience: string;
  readonly type: string;
  readonly requiredClaims: readonly string[];
}

/** What a token says, and which key vouches for it. */
export interface SignedClaims {
  readonly payload: JWTPayload;
  readonly signedBy: string;
}

/** The claims of a token of ours of this kind that has not expired; null for any other text. */
export async function readClaims(
  ctx: Context,
  token: string,
  { audience, type, requiredClaims }: TokenKind,
): Promise<SignedClaims | null> {
  try {
    const { payload, protectedHeader } = await jwtVerify(
      token,
      async ({ kid }) => {
        const key = isKeyId(kid) ? await loadVerifier(ctx, kid) : null;
        if (!key) throw new errors.JWKSNoMatchingKey();
        return key;
      },
      {
        algorithms: [ALGORITHM],
        typ: type,
        issuer: ISSUER,
        audience,
        requiredClaims: [...requiredClaims],
        currentDate: ctx.clock.now(),
      },
    );
    return { payload, signedBy: String(protectedHeader.kid) };
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}

/** What stands in the header is not verified yet, and may be anything that JSON can hold. */
function isKeyId(kid: unknown): kid is string {
  return typeof kid === "string" && /^[0-9a-f-]{36}$/.test(kid);
}

/** When a token with these claims ends. */
export function endOf({ exp }: JWTPayload): Date {
  return new Date((exp ?? 0) * 1000);
}
