import { queryRaw, sql } from "@shiplog/db";
import type { Actor, KeyActor, UserActor } from "../actor.ts";
import type { Context } from "../context.ts";
import { noteActor } from "../correlation.ts";
import { UnauthenticatedError } from "../errors.ts";
import { noteKeyUse } from "./key_use.ts";
import { readAccessToken } from "./session/access_token.ts";
import { validateSession } from "./session/sessions.ts";
import { looksLikeStreamToken, readStreamToken, type TokenIssuer, tokenActor } from "./stream_token.ts";
import { looksLikeApiKey, matchesHash, parseApiKey } from "./tokens.ts";

export interface Authenticated {
  readonly actor: Actor;
  /** When the credential itself ends; null for a key without expiry. */
  readonly expiresAt: Date | null;
  /** The signing key that vouches for a token; null for an API key. */
  readonly signedBy: string | null;
}

interface KeyRow {
  projectId: string | null;
  userId: string | null;
  hash: Uint8Array;
  scopes: string[];
  expiresAt: Date | null;
}

/**
 * The actor behind an access token, an API key or a stream token. Throws UnauthenticatedError when it is unknown,
 * expired or revoked, or the session or key behind a token ended. One statement, so revocation acts at the next
 * request; none for what is malformed.
 */
export async function authenticate(ctx: Context, token: string): Promise<Actor> {
  return (await authenticateToken(ctx, token)).actor;
}

/** As `authenticate`, with the time at which the credential ends. */
export async function authenticateToken(ctx: Context, token: string): Promise<Authenticated> {
  const found = await find(ctx, token);
  if (!found) throw new UnauthenticatedError("The access token or API key is not valid, or no longer.");
  noteActor(found.actor);
  return found;
}

function find(ctx: Context, token: string): Promise<Authenticated | null> {
  if (looksLikeApiKey(token)) return fromApiKey(ctx, token);
  return looksLikeStreamToken(token) ? fromStreamToken(ctx, token) : fromAccessToken(ctx, token);
}

async function fromAccessToken(ctx: Context, token: string): Promise<Authenticated | null> {
  const claims = await readAccessToken(ctx, token);
  const actor = claims && (await validateSession(ctx, claims.sessionId));
  if (!claims || actor?.userId !== claims.userId) return null;
  return { actor, expiresAt: claims.expiresAt, signedBy: claims.signedBy };
}

async function fromStreamToken(ctx: Context, token: string): Promise<Authenticated | null> {
  const claims = await readStreamToken(ctx, token);
  const issuer = claims && (await liveIssuer(ctx, claims.issuer));
  if (!claims || !issuer) return null;
  const { expiresAt, signedBy } = claims;
  return { actor: tokenActor(claims, issuer), expiresAt, signedBy };
}

async function liveIssuer(ctx: Context, issuer: TokenIssuer): Promise<UserActor | KeyActor | null> {
  if (issuer.type === "user") {
    const actor = await validateSession(ctx, issuer.sessionId);
    return actor?.userId === issuer.userId ? actor : null;
  }
  const row = await readLiveKey(ctx, issuer.keyId);
  return row && keyActor(issuer.keyId, row);
}

async function fromApiKey(ctx: Context, text: string): Promise<Authenticated | null> {
  const parsed = parseApiKey(text);
  const row = parsed && (await readLiveKey(ctx, parsed.id));
  if (!row || !matchesHash(parsed.secret, row.hash)) return null;
  noteKeyUse(ctx, parsed.id);
  return { actor: keyActor(parsed.id, row), expiresAt: row.expiresAt, signedBy: null };
}

function keyActor(keyId: string, { projectId, userId, scopes }: KeyRow): KeyActor {
  return { type: "key", keyId, projectId, userId, scopes };
}

/** A key that is neither revoked nor expired, and whose person is not disabled; null otherwise. */
async function readLiveKey(ctx: Context, id: string): Promise<KeyRow | null> {
  const [row] = await queryRaw<KeyRow>(
    ctx.db,
    sql`SELECT k.project_id AS "projectId", k.user_id AS "userId", k.hash, k.scopes, k.expires_at AS "expiresAt"
        FROM api_key k LEFT JOIN "user" u ON u.id = k.user_id
        WHERE k.id = ${id}::uuid AND k.revoked_at IS NULL AND u.disabled_at IS NULL
          AND (k.expires_at IS NULL OR k.expires_at > ${ctx.clock.now()})`,
  );
  return row ?? null;
}
