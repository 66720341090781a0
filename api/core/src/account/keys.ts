import { type ApiKey, executeRaw, queryRaw, sql } from "@shiplog/db";
import { z } from "zod";
import type { Actor } from "../actor.ts";
import type { Context } from "../context.ts";
import { ConflictError, ForbiddenError, NotFoundError } from "../errors.ts";
import { transact } from "../transaction.ts";
import { type Attempt, audited } from "./audit/index.ts";
import { parseInput, text } from "./input.ts";
import { authorize, SCOPES } from "./policy.ts";
import { revoke } from "./revoke.ts";
import { hashSecret, newApiKeyText } from "./tokens.ts";

const DAY_SECONDS = 24 * 3_600;
/** How long a replaced key lives on when nothing is said. */
const GRACE_SECONDS = DAY_SECONDS;
const MAX_GRACE_SECONDS = 30 * DAY_SECONDS;

const createInput = z.object({
  name: text(100, 1),
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  expiresAt: z.date().nullish(),
});

export interface CreateApiKeyInput {
  /** UUID of the project; null: a key of the person who makes it, for all his projects. */
  readonly projectId: string | null;
  readonly name: string;
  /** Words of SCOPES. */
  readonly scopes: readonly string[];
  /** Null = no expiry. */
  readonly expiresAt?: Date | null;
}

/** A key with its whole text, which is not stored and cannot be shown again. */
export interface NewApiKey {
  readonly apiKey: ApiKey;
  readonly secret: string;
}

/**
 * Makes a key: of a project, which needs key.manage, or of the person himself. Throws NotFoundError, ForbiddenError,
 * InvalidInputError (unknown scope, expiry in the past).
 */
export async function createApiKey(ctx: Context, actor: Actor, input: CreateApiKeyInput): Promise<NewApiKey> {
  const { projectId } = input;
  return audited(ctx, actor, { action: "api_key.create", projectId }, async (attempt) => {
    const userId = projectId === null ? personOf(actor) : null;
    if (projectId !== null) await authorize(ctx, actor, projectId, "key.manage");
    const { name, scopes, expiresAt } = parseInput(createInput.refine(...inFuture(ctx)), input);
    const owner = { projectId, userId, name, scopes: [...new Set(scopes)], expiresAt: expiresAt ?? null };
    return transact(ctx, (tx) => insertKey(tx, actor, owner, attempt));
  });
}

export interface RotateApiKeyInput {
  readonly id: string;
  /** How long the old key lives on (s), 0 to 30 days; a day when not said. */
  readonly graceSeconds?: number | null;
  /** Of the new key; null = never. When not said it lives as long as the old one was made to. */
  readonly expiresAt?: Date | null;
}

/**
 * Makes the successor of a key, of the same name, owner and scopes; the old key lives on for the grace. Throws
 * NotFoundError, ForbiddenError, InvalidInputError, and ConflictError when the key has ended or was replaced, or
 * when a grace would make three live keys: one that this key replaced works still.
 */
export async function rotateApiKey(
  ctx: Context,
  actor: Actor,
  input: RotateApiKeyInput,
): Promise<NewApiKey & { readonly replaced: ApiKey }> {
  const event = { action: "api_key.rotate", target: { type: "ApiKey", id: input.id } } as const;
  return audited(ctx, actor, event, async (attempt) => {
    await managedKey(ctx, actor, input.id, attempt);
    const rotation = z
      .object({
        graceSeconds: z.int().min(0).max(MAX_GRACE_SECONDS).nullish(),
        expiresAt: z.date().nullish(),
      })
      .refine(...inFuture(ctx));
    const { graceSeconds, expiresAt } = parseInput(rotation, input);
    const graceMs = (graceSeconds ?? GRACE_SECONDS) * 1000;
    return transact(ctx, async (tx) => {
      // Two rotations at once would leave three live keys.
      await executeRaw(tx.db, sql`SELECT FROM api_key WHERE id = ${input.id}::uuid FOR UPDATE`);
      const old = await replaceable(tx, input.id, graceMs);
      const wanted = expiresAt === undefined ? sameLifetime(tx, old) : expiresAt;
      const { projectId, userId, name, scopes } = old;
      const made = await insertKey(
        tx,
        actor,
        { projectId, userId, name, scopes, expiresAt: wanted },
        attempt,
      );
      return { ...made, replaced: await retire(tx, old, made.apiKey.id, graceMs) };
    });
  });
}

/** Ends a key at once and for good; ending it twice answers the same. Throws NotFoundError, ForbiddenError. */
export async function revokeApiKey(
  ctx: Context,
  actor: Actor,
  input: { readonly id: string },
): Promise<ApiKey> {
  const event = { action: "api_key.revoke", target: { type: "ApiKey", id: input.id } } as const;
  return audited(ctx, actor, event, async (attempt) => {
    const { id } = await managedKey(ctx, actor, input.id, attempt);
    return transact(ctx, async (tx) => {
      await attempt.succeed(tx);
      const { count } = await tx.db.apiKey.updateMany({
        where: { id, revokedAt: null },
        data: { revokedAt: tx.clock.now() },
      });
      if (count > 0) revoke(tx, { keyId: id });
      return tx.db.apiKey.findUniqueOrThrow({ where: { id } });
    });
  });
}

function personOf(actor: Actor): string {
  if (actor.type === "user") return actor.userId;
  throw new ForbiddenError("A key of a person is made by that person.");
}

function inFuture(ctx: Context) {
  const now = ctx.clock.now();
  const check = ({ expiresAt }: { readonly expiresAt?: Date | null }) => !expiresAt || expiresAt > now;
  return [check, { path: ["expiresAt"], message: "must lie in the future" }] as [
    typeof check,
    { path: string[]; message: string },
  ];
}

type KeyOwner = Pick<ApiKey, "projectId" | "userId" | "name" | "scopes" | "expiresAt">;

async function insertKey(tx: Context, actor: Actor, owner: KeyOwner, attempt: Attempt): Promise<NewApiKey> {
  const id = tx.newId();
  const { text: whole, secret, prefix } = newApiKeyText(tx, id);
  const apiKey = await tx.db.apiKey.create({
    data: {
      id,
      ...owner,
      createdById: actor.type === "user" ? actor.userId : null,
      prefix,
      hash: new Uint8Array(hashSecret(secret)),
      createdAt: tx.clock.now(),
    },
  });
  const { scopes, expiresAt } = owner;
  await attempt.succeed(tx, {
    projectId: owner.projectId,
    target: { type: "ApiKey", id },
    details: { scopes, expiresAt: expiresAt?.toISOString() ?? null },
  });
  return { apiKey, secret: whole };
}

/** A key that the actor may end or replace: his own, or of a project whose keys he manages. */
async function managedKey(ctx: Context, actor: Actor, id: string, attempt: Attempt): Promise<ApiKey> {
  const key = await ctx.db.apiKey.findUnique({ where: { id } });
  if (!key) throw new NotFoundError("API key");
  attempt.about({ projectId: key.projectId });
  if (key.projectId === null) {
    const own = actor.type === "system" || (actor.type === "user" && actor.userId === key.userId);
    if (!own) throw new NotFoundError("API key");
    return key;
  }
  await authorize(ctx, actor, key.projectId, "key.manage").catch((error) => {
    throw error instanceof ForbiddenError ? error : new NotFoundError("API key");
  });
  return key;
}

/** The locked key, while it can have a successor. */
async function replaceable(tx: Context, id: string, graceMs: number): Promise<ApiKey> {
  const now = tx.clock.now();
  const key = await tx.db.apiKey.findUniqueOrThrow({ where: { id } });
  if (key.revokedAt || (key.expiresAt && key.expiresAt <= now)) {
    throw new ConflictError("The key has ended. Make a new one.");
  }
  if (key.replacedById) throw new ConflictError("The key was replaced already.");
  if (graceMs > 0 && (await hasLivePredecessor(tx, id))) {
    throw new ConflictError("A key before this one works still. Revoke it, or rotate without a grace.");
  }
  return key;
}

async function hasLivePredecessor(tx: Context, id: string): Promise<boolean> {
  const rows = await queryRaw(
    tx.db,
    sql`WITH RECURSIVE before AS (
          SELECT id, revoked_at, expires_at FROM api_key WHERE replaced_by_id = ${id}::uuid
          UNION ALL
          SELECT k.id, k.revoked_at, k.expires_at FROM api_key k JOIN before b ON k.replaced_by_id = b.id
        )
        SELECT id FROM before
        WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ${tx.clock.now()}) LIMIT 1`,
  );
  return rows.length > 0;
}

function sameLifetime(tx: Context, { createdAt, expiresAt }: ApiKey): Date | null {
  return expiresAt && new Date(tx.clock.now().getTime() + expiresAt.getTime() - createdAt.getTime());
}

/** Ends the old key after the grace, never later than it would have ended anyway. */
async function retire(tx: Context, old: ApiKey, replacedById: string, graceMs: number): Promise<ApiKey> {
  const now = tx.clock.now();
  const end = Math.min(now.getTime() + graceMs, old.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
  // Open streams learn of the earlier end.
  revoke(tx, { keyId: old.id });
  return tx.db.apiKey.update({
    where: { id: old.id },
    data: { replacedById, expiresAt: new Date(end), ...(graceMs === 0 && { revokedAt: now }) },
  });
}
