import { hkdfSync } from "node:crypto";
import { queryRaw, type RefreshToken, sql } from "@shiplog/db";
import type { UserActor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { UnauthenticatedError } from "../../errors.ts";
import { encodeId } from "../../ids.ts";
import type { SecretBox } from "../../ports.ts";
import { createSecretBox } from "../../secrets.ts";
import { transact } from "../../transaction.ts";
import { audit } from "../audit/index.ts";
import { matchesHash, parseRowSecret, type SecretOf } from "../tokens.ts";
import {
  addRefreshToken,
  type Begun,
  invalidateSession,
  REFRESH_TOKEN_MS,
  SESSION_CAP_MS,
  type SignedIn,
  withAccess,
} from "./sessions.ts";

/** A used token still answers its successor for this long: two tabs, or an answer that was lost on its way. */
const REFRESH_GRACE_MS = 10_000;

/**
 * Redeems a refresh token: a new access token, and the token's one successor; the session's life is prolonged.
 * However many redeem it at the same time, in however many processes, they get the same successor. A token that
 * comes back after its grace was copied: its family, and no other, ends. Throws UnauthenticatedError then, and
 * when the token is unknown or its session ended.
 */
export async function refreshSession(ctx: Context, refreshToken: string): Promise<SignedIn> {
  const parsed = parseRowSecret("RefreshToken", refreshToken);
  // The end of a family must be committed, so it is a result and no error.
  const redeemed = parsed && (await redeemOnce(ctx, { ...parsed, at: ctx.clock.now() }));
  if (!redeemed) throw new UnauthenticatedError("The session has ended. Sign in again.");
  return withAccess(ctx, redeemed);
}

/** A token as it came in. The grace is judged by that moment: whoever had to wait here is no thief. */
interface Presented extends SecretOf {
  readonly at: Date;
}

/** Losers of the race hold the row for one statement only, then read what the winner wrote without a lock. */
async function redeemOnce(ctx: Context, presented: Presented): Promise<Begun | null> {
  const repeated = await repeat(ctx, presented);
  if (repeated) return repeated;
  const unused = await transact(ctx, async (tx) =>
    (await lockUnused(tx, presented.id)) ? redeem(tx, presented) : "used",
  );
  if (unused !== "used") return unused;
  return (await repeat(ctx, presented)) ?? transact(ctx, (tx) => redeem(tx, presented));
}

/** False when there is no such token, or it was used: then the lock is of no use either. */
async function lockUnused(tx: Context, id: string): Promise<boolean> {
  const rows = await queryRaw(
    tx.db,
    sql`SELECT id FROM refresh_token WHERE id = ${id}::uuid AND used_at IS NULL FOR UPDATE`,
  );
  return rows.length > 0;
}

/**
 * A token within its grace, whose successor nobody used: what was written then is written for good, so it is
 * answered without a lock, and a crowd that comes late does not queue. Null: the locked way decides.
 */
async function repeat(ctx: Context, presented: Presented): Promise<Begun | null> {
  const token = await ctx.db.refreshToken.findUnique({ where: { id: presented.id } });
  if (!token?.usedAt || !token.successorSealed || !matchesHash(presented.secret, token.hash)) return null;
  if (presented.at.getTime() - token.usedAt.getTime() > REFRESH_GRACE_MS) return null;
  const refreshToken = successorOf(presented, token.successorSealed);
  const successor = parseRowSecret("RefreshToken", refreshToken);
  const [found, used] = await Promise.all([
    findLive(ctx, token.sessionId, ctx.clock.now()),
    ctx.db.refreshToken.count({ where: { id: successor?.id ?? "", usedAt: { not: null } } }),
  ]);
  return found && used === 0 ? { ...found, refreshToken, deviceToken: null } : null;
}

/** The session that has neither ended nor expired, and its person. */
async function findLive(
  ctx: Context,
  id: string,
  now: Date,
): Promise<Pick<Begun, "session" | "user"> | null> {
  const found = await ctx.db.session.findFirst({
    where: { id, revokedAt: null, expiresAt: { gt: now }, user: { disabledAt: null } },
    include: { user: true },
  });
  if (!found) return null;
  const { user, ...session } = found;
  return { session, user };
}

async function redeem(tx: Context, presented: Presented): Promise<Begun | null> {
  const token = await lockToken(tx, presented.id);
  if (!token || !matchesHash(presented.secret, token.hash)) return null;
  const now = tx.clock.now();
  const found = await findLive(tx, token.sessionId, now);
  if (!found) return null;
  const { session, user } = found;
  if (!token.usedAt || !token.successorSealed) {
    const expiresAt = capped(now, session.createdAt);
    const refreshToken = await rotate(tx, presented, { sessionId: session.id, now, expiresAt });
    return { session: { ...session, lastUsedAt: now, expiresAt }, user, refreshToken, deviceToken: null };
  }
  if (presented.at.getTime() - token.usedAt.getTime() > REFRESH_GRACE_MS) {
    await invalidateSession(tx, session.id);
    const target = { type: "Session", id: session.id } as const;
    const details = { userId: encodeId("User", user.id) };
    await audit(tx, tx, null, { action: "session.reuse", outcome: "refused", target, details });
    return null;
  }
  const refreshToken = successorOf(presented, token.successorSealed);
  const successor = parseRowSecret("RefreshToken", refreshToken);
  const used = successor && (await tx.db.refreshToken.findUnique({ where: { id: successor.id } }))?.usedAt;
  // A successor that was used meanwhile would look like a copy soon: follow the chain to the live one.
  if (successor && used) return redeem(tx, { ...successor, at: presented.at });
  return { session, user, refreshToken, deviceToken: null };
}

/** Whoever comes second waits here until the first has committed, and finds the token used. */
async function lockToken(tx: Context, id: string): Promise<RefreshToken | null> {
  await queryRaw(tx.db, sql`SELECT FROM refresh_token WHERE id = ${id}::uuid FOR UPDATE`);
  return tx.db.refreshToken.findUnique({ where: { id } });
}

interface Rotation {
  readonly sessionId: string;
  readonly now: Date;
  readonly expiresAt: Date;
}

async function rotate(tx: Context, presented: SecretOf, rotation: Rotation): Promise<string> {
  const { sessionId, now, expiresAt } = rotation;
  const successor = await addRefreshToken(tx, sessionId, tx.newId());
  const sealed = successorBox(presented).seal(Buffer.from(successor), bindOf(presented.id));
  await tx.db.refreshToken.update({
    where: { id: presented.id },
    data: { usedAt: now, successorSealed: new Uint8Array(sealed) },
  });
  // Guarded, so that a refresh cannot bring back a session that ended in between.
  const { count } = await tx.db.session.updateMany({
    where: { id: sessionId, revokedAt: null },
    data: { lastUsedAt: now, expiresAt },
  });
  if (count === 0) throw new UnauthenticatedError("The session has ended. Sign in again.");
  return successor;
}

function capped(now: Date, createdAt: Date): Date {
  return new Date(Math.min(now.getTime() + REFRESH_TOKEN_MS, createdAt.getTime() + SESSION_CAP_MS));
}

function bindOf(id: string): string {
  return `refresh_token|${id}|successor`;
}

function successorOf(presented: SecretOf, sealed: Uint8Array): string {
  return successorBox(presented).open(sealed, bindOf(presented.id)).toString();
}

/** Opens with the used token's own secret only, of which the database has no more than the hash. */
function successorBox({ id, secret }: SecretOf): SecretBox {
  const key = Buffer.from(hkdfSync("sha256", secret, id, "shiplog refresh successor", 32));
  return createSecretBox([{ id: "hkdf", key }]);
}

/** Who presents a refresh token, which may have been replaced already: then by its owner lately, or by a thief. */
export interface Holder {
  readonly actor: UserActor;
  readonly replaced: boolean;
}

/** Whose session a refresh token belongs to, ended or not; null for an unknown one. */
export async function holderOf(ctx: Context, refreshToken: string): Promise<Holder | null> {
  const parsed = parseRowSecret("RefreshToken", refreshToken);
  const token =
    parsed &&
    (await ctx.db.refreshToken.findUnique({
      where: { id: parsed.id },
      include: { session: { include: { user: true } } },
    }));
  if (!token || !matchesHash(parsed.secret, token.hash)) return null;
  const { id, user } = token.session;
  const actor = { type: "user", userId: user.id, sessionId: id, isAdmin: user.isAdmin } as const;
  return { actor, replaced: token.usedAt !== null };
}
