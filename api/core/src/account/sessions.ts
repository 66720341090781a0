import { queryRaw, type Session, sql, type User } from "@shiplog/db";
import type { UserActor } from "../actor.ts";
import type { Context } from "../context.ts";
import { UnauthenticatedError } from "../errors.ts";
import { transact } from "../transaction.ts";
import { type AccessToken, issueAccessToken } from "./access_token.ts";
import { checkPassword } from "./credentials.ts";
import { revoke } from "./revoke.ts";
import { hashSecret, matchesHash, newRefreshToken, parseRefreshToken } from "./tokens.ts";

const DAY_MS = 24 * 3_600_000;
/** Without a refresh a session ends after this long. */
export const REFRESH_TOKEN_MS = 7 * DAY_MS;
/** However often it is refreshed, a session ends this long after the sign-in. */
const SESSION_CAP_MS = 30 * DAY_MS;

export interface SignIn {
  readonly email: string;
  readonly password: string;
  /** For the list of sessions; null when unknown. */
  readonly userAgent: string | null;
  /** The caller's network address; null when unknown. */
  readonly address: string | null;
}

/** A session with its two tokens; they are not stored and cannot be shown again. */
export interface SignedIn {
  readonly session: Session;
  readonly user: User;
  readonly access: AccessToken;
  readonly refreshToken: string;
}

/**
 * Signs a person in. Throws InvalidCredentialsError for a wrong password, an unknown e-mail and a disabled
 * account alike, after the same work; BusyError when too many sign-ins wait.
 */
export async function createSession(ctx: Context, input: SignIn): Promise<SignedIn> {
  const user = await checkPassword(ctx, input.email, input.password);
  const now = ctx.clock.now();
  const id = ctx.newId();
  const refresh = newRefreshToken(ctx, id);
  const session = await ctx.db.session.create({
    data: {
      id,
      userId: user.id,
      refreshHash: new Uint8Array(hashSecret(refresh.secret)),
      userAgent: input.userAgent?.slice(0, 500) ?? null,
      address: input.address?.slice(0, 64) ?? null,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: new Date(now.getTime() + REFRESH_TOKEN_MS),
    },
  });
  return { session, user, access: await issueAccessToken(ctx, session), refreshToken: refresh.text };
}

/** The person behind a session that is neither ended nor expired; null otherwise. One statement. */
export async function validateSession(ctx: Context, sessionId: string): Promise<UserActor | null> {
  const [row] = await queryRaw<{ userId: string; isAdmin: boolean }>(
    ctx.db,
    sql`SELECT u.id AS "userId", u.is_admin AS "isAdmin" FROM session s JOIN "user" u ON u.id = s.user_id
        WHERE s.id = ${sessionId}::uuid AND s.revoked_at IS NULL AND s.expires_at > ${ctx.clock.now()}
          AND u.disabled_at IS NULL`,
  );
  return row ? { type: "user", sessionId, ...row } : null;
}

/**
 * A new access token for the holder of a refresh token; the session's life is prolonged. Throws
 * UnauthenticatedError when the token is unknown, or its session ended.
 */
export async function refreshSession(ctx: Context, refreshToken: string): Promise<SignedIn> {
  const parsed = parseRefreshToken(refreshToken);
  const now = ctx.clock.now();
  const found =
    parsed &&
    (await ctx.db.session.findFirst({
      where: { id: parsed.id, revokedAt: null, expiresAt: { gt: now }, user: { disabledAt: null } },
      include: { user: true },
    }));
  if (!found || !matchesHash(parsed.secret, found.refreshHash)) {
    throw new UnauthenticatedError("The session has ended. Sign in again.");
  }
  const capped = Math.min(now.getTime() + REFRESH_TOKEN_MS, found.createdAt.getTime() + SESSION_CAP_MS);
  const { user, ...session } = found;
  const times = { lastUsedAt: now, expiresAt: new Date(capped) };
  // Guarded, so that a refresh cannot bring back a session that ended in between.
  const { count } = await ctx.db.session.updateMany({
    where: { id: session.id, revokedAt: null },
    data: times,
  });
  if (count === 0) throw new UnauthenticatedError("The session has ended. Sign in again.");
  return {
    session: { ...session, ...times },
    user,
    access: await issueAccessToken(ctx, session),
    refreshToken,
  };
}

/** Ends a session: its tokens stop working at once and its streams close. Ending it twice is no error. */
export async function invalidateSession(ctx: Context, sessionId: string): Promise<void> {
  await transact(ctx, async (tx) => {
    const { count } = await tx.db.session.updateMany({
      where: { id: sessionId, revokedAt: null },
      data: { revokedAt: tx.clock.now() },
    });
    if (count > 0) revoke(tx, { sessionId });
  });
}

/** Ends the session that a refresh token belongs to; an unknown token changes nothing. */
export async function invalidateRefreshToken(ctx: Context, refreshToken: string): Promise<void> {
  const parsed = parseRefreshToken(refreshToken);
  const session = parsed && (await ctx.db.session.findUnique({ where: { id: parsed.id } }));
  if (session && matchesHash(parsed.secret, session.refreshHash)) await invalidateSession(ctx, session.id);
}

/** Ends every session of a person. */
export async function invalidateUserSessions(ctx: Context, userId: string): Promise<void> {
  await transact(ctx, async (tx) => {
    const { count } = await tx.db.session.updateMany({
      where: { userId, revokedAt: null },
      data: { revokedAt: tx.clock.now() },
    });
    if (count > 0) revoke(tx, { userId });
  });
}
