import { prepared, queryRaw, type Session, sql, type User } from "@shiplog/db";
import type { UserActor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { UnauthenticatedError } from "../../errors.ts";
import { transact } from "../../transaction.ts";
import { audit } from "../audit/index.ts";
import { revoke } from "../revoke.ts";
import { hashSecret, newRowSecret } from "../tokens.ts";
import { type AccessToken, issueAccessToken } from "./access_token.ts";
import { rememberDevice } from "./devices.ts";

const DAY_MS = 24 * 3_600_000;
/** Without a refresh a session ends after this long. */
export const REFRESH_TOKEN_MS = 7 * DAY_MS;
/** However often it is refreshed, a session ends this long after the sign-in. */
export const SESSION_CAP_MS = 30 * DAY_MS;

/** From where somebody signs in. */
export interface SignInOrigin {
  /** For the list of sessions; null when unknown. */
  readonly userAgent: string | null;
  /** The caller's network address; null when unknown. */
  readonly address: string | null;
  /** Present for browsers only: what their device cookie holds. */
  readonly device?: { readonly token: string | null };
}

/** A person whose identity has been proven, and how. */
export interface VerifiedIdentity extends SignInOrigin {
  /** UUID of the person. */
  readonly userId: string;
  /** "password", or the name of the provider that vouched for him. */
  readonly method: string;
}

/** A session with its tokens; they are not stored and cannot be shown again. */
export interface SignedIn {
  readonly session: Session;
  readonly user: User;
  readonly access: AccessToken;
  readonly refreshToken: string;
  /** For the device cookie of a browser that signs in; null otherwise. */
  readonly deviceToken: string | null;
}

/**
 * Begins a session, a new refresh family, for somebody whose identity the caller has verified; not to be called in
 * a transaction. Throws UnauthenticatedError when the person is gone or disabled.
 */
export async function createSession(ctx: Context, identity: VerifiedIdentity): Promise<SignedIn> {
  return withAccess(ctx, await transact(ctx, (tx) => beginSession(tx, ctx, identity)));
}

/** All of a sign-in but the access token, which is signed outside of the transaction. */
export type Begun = Omit<SignedIn, "access">;

/** Adds an access token, after the commit: the first of a database makes the key that signs it. */
export async function withAccess(ctx: Context, begun: Begun): Promise<SignedIn> {
  return { ...begun, access: await issueAccessToken(ctx, begun.session) };
}

/** The part of `createSession` within a transaction. */
export async function beginSession(tx: Context, ctx: Context, identity: VerifiedIdentity): Promise<Begun> {
  const { userId, method, userAgent, address, device } = identity;
  const user = await tx.db.user.findUnique({ where: { id: userId, disabledAt: null } });
  if (!user) throw new UnauthenticatedError("This account is disabled, or no longer there.");
  const now = tx.clock.now();
  const session = await tx.db.session.create({
    data: {
      id: tx.newId(),
      userId,
      method,
      userAgent: userAgent?.slice(0, 500).toWellFormed() ?? null,
      address: address?.slice(0, 64) ?? null,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: new Date(now.getTime() + REFRESH_TOKEN_MS),
    },
  });
  const refreshToken = await addRefreshToken(tx, session.id, tx.newId());
  const deviceToken = device ? await rememberDevice(tx, userId, device.token) : null;
  const actor: UserActor = { type: "user", userId, sessionId: session.id, isAdmin: user.isAdmin };
  const target = { type: "Session", id: session.id } as const;
  await audit(tx, ctx, actor, { action: "session.create", target, details: { method } });
  return { session, user, refreshToken, deviceToken };
}

/** A new live token of a family; returns its text, of which the hash is stored. */
export async function addRefreshToken(tx: Context, sessionId: string, id: string): Promise<string> {
  const { text, secret } = newRowSecret(tx, "RefreshToken", id);
  const hash = new Uint8Array(hashSecret(secret));
  await tx.db.refreshToken.create({ data: { id, sessionId, hash, createdAt: tx.clock.now() } });
  return text;
}

/** The person behind a session that is neither ended nor expired; null otherwise. One statement. */
export async function validateSession(ctx: Context, sessionId: string): Promise<UserActor | null> {
  const [row] = await queryRaw<{ userId: string; isAdmin: boolean }>(
    ctx.db,
    prepared(sql`SELECT u.id AS "userId", u.is_admin AS "isAdmin" FROM session s JOIN "user" u ON u.id = s.user_id
        WHERE s.id = ${sessionId}::uuid AND s.revoked_at IS NULL AND s.expires_at > ${ctx.clock.now()}
          AND u.disabled_at IS NULL`),
  );
  return row ? { type: "user", sessionId, ...row } : null;
}

/**
 * Ends a session: its tokens stop working at once and its streams close. Ending it twice is no error; returns
 * whether it was this call that ended it.
 */
export async function invalidateSession(ctx: Context, sessionId: string): Promise<boolean> {
  return transact(ctx, async (tx) => {
    const { count } = await tx.db.session.updateMany({
      where: { id: sessionId, revokedAt: null },
      data: { revokedAt: tx.clock.now() },
    });
    if (count > 0) revoke(tx, { sessionId });
    return count > 0;
  });
}

/** Ends every session of a person but, if given, this one; returns how many lived. */
export async function invalidateUserSessions(ctx: Context, userId: string, except?: string): Promise<number> {
  return transact(ctx, async (tx) => {
    const now = tx.clock.now();
    const { count } = await tx.db.session.updateMany({
      where: { userId, revokedAt: null, expiresAt: { gt: now }, ...(except && { id: { not: except } }) },
      data: { revokedAt: now },
    });
    if (count > 0) revoke(tx, { userId });
    return count;
  });
}
