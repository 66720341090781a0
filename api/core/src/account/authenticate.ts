import { executeRaw, queryRaw, sql } from "@shiplog/db";
import type { Actor, KeyActor } from "../actor.ts";
import type { Context } from "../context.ts";
import { UnauthenticatedError } from "../errors.ts";
import { readAccessToken } from "./access_token.ts";
import { validateSession } from "./sessions.ts";
import { looksLikeApiKey, matchesHash, parseApiKey } from "./tokens.ts";

/** Writing the time of each use would turn every read into a write. */
const LAST_USED_STEP_MS = 60_000;

export interface Authenticated {
  readonly actor: Actor;
  /** When the credential itself ends; null for a key without expiry. */
  readonly expiresAt: Date | null;
}

interface KeyRow {
  projectId: string;
  hash: Uint8Array;
  scopes: string[];
  expiresAt: Date | null;
  lastUsedAt: Date | null;
}

/**
 * The actor behind an access token or an API key. Throws UnauthenticatedError when it is unknown, expired or
 * revoked, or the session of an access token ended. One statement, so revocation acts at the next request.
 */
export async function authenticate(ctx: Context, token: string): Promise<Actor> {
  return (await authenticateToken(ctx, token)).actor;
}

/** As `authenticate`, with the time at which the credential ends. */
export async function authenticateToken(ctx: Context, token: string): Promise<Authenticated> {
  const found = looksLikeApiKey(token) ? await fromApiKey(ctx, token) : await fromAccessToken(ctx, token);
  if (!found) throw new UnauthenticatedError("The access token or API key is not valid, or no longer.");
  return found;
}

async function fromAccessToken(ctx: Context, token: string): Promise<Authenticated | null> {
  const claims = await readAccessToken(ctx, token);
  const actor = claims && (await validateSession(ctx, claims.sessionId));
  return actor?.userId === claims?.userId && actor && claims ? { actor, expiresAt: claims.expiresAt } : null;
}

async function fromApiKey(ctx: Context, text: string): Promise<Authenticated | null> {
  const parsed = parseApiKey(text);
  const row = parsed && (await readLiveKey(ctx, parsed.id));
  if (!row || !matchesHash(parsed.secret, row.hash)) return null;
  const staleBefore = ctx.clock.now().getTime() - LAST_USED_STEP_MS;
  if ((row.lastUsedAt?.getTime() ?? 0) < staleBefore) {
    await executeRaw(
      ctx.db,
      sql`UPDATE api_key SET last_used_at = ${ctx.clock.now()} WHERE id = ${parsed.id}::uuid`,
    );
  }
  const actor: KeyActor = { type: "key", keyId: parsed.id, projectId: row.projectId, scopes: row.scopes };
  return { actor, expiresAt: row.expiresAt };
}

/** A key that is neither revoked nor expired; null otherwise. */
async function readLiveKey(ctx: Context, id: string): Promise<KeyRow | null> {
  const [row] = await queryRaw<KeyRow>(
    ctx.db,
    sql`SELECT project_id AS "projectId", hash, scopes, expires_at AS "expiresAt", last_used_at AS "lastUsedAt"
        FROM api_key WHERE id = ${id}::uuid AND revoked_at IS NULL
          AND (expires_at IS NULL OR expires_at > ${ctx.clock.now()})`,
  );
  return row ?? null;
}
