import type { ApiKey } from "@shiplog/db";
import { z } from "zod";
import type { Actor } from "../actor.ts";
import type { Context } from "../context.ts";
import { ForbiddenError, NotFoundError } from "../errors.ts";
import { transact } from "../transaction.ts";
import { parseInput, text } from "./input.ts";
import { authorize, SCOPES } from "./policy.ts";
import { revoke } from "./revoke.ts";
import { hashSecret, newApiKeyText } from "./tokens.ts";

const createInput = z.object({
  projectId: z.string(),
  name: text(100, 1),
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  expiresAt: z.date().nullish(),
});

export interface CreateApiKeyInput {
  /** UUID of the project. */
  readonly projectId: string;
  readonly name: string;
  /** Words of SCOPES. */
  readonly scopes: readonly string[];
  /** Null = no expiry. */
  readonly expiresAt?: Date | null;
}

/**
 * Makes a key of a project; `secret` is the whole key and cannot be shown again. Needs key.manage; throws
 * NotFoundError, ForbiddenError, InvalidInputError (unknown scope, expiry in the past).
 */
export async function createApiKey(
  ctx: Context,
  actor: Actor,
  input: CreateApiKeyInput,
): Promise<{ apiKey: ApiKey; secret: string }> {
  await authorize(ctx, actor, input.projectId, "key.manage");
  const now = ctx.clock.now();
  const future = createInput.refine((value) => !value.expiresAt || value.expiresAt > now, {
    path: ["expiresAt"],
    message: "must lie in the future",
  });
  const { projectId, name, scopes, expiresAt } = parseInput(future, input);
  const id = ctx.newId();
  const { text: secretText, secret, prefix } = newApiKeyText(ctx, id);
  const apiKey = await ctx.db.apiKey.create({
    data: {
      id,
      projectId,
      createdById: actor.type === "user" ? actor.userId : null,
      name,
      prefix,
      hash: new Uint8Array(hashSecret(secret)),
      scopes: [...new Set(scopes)],
      createdAt: now,
      expiresAt: expiresAt ?? null,
    },
  });
  return { apiKey, secret: secretText };
}

/** Ends a key at once and for good; ending it twice answers the same. Needs key.manage; throws NotFoundError. */
export async function revokeApiKey(
  ctx: Context,
  actor: Actor,
  input: { readonly id: string },
): Promise<ApiKey> {
  const key = await ctx.db.apiKey.findUnique({ where: { id: input.id } });
  if (!key) throw new NotFoundError("API key");
  await authorize(ctx, actor, key.projectId, "key.manage").catch((error) => {
    throw error instanceof ForbiddenError ? error : new NotFoundError("API key");
  });
  if (key.revokedAt) return key;
  return transact(ctx, async (tx) => {
    const revoked = await tx.db.apiKey.update({ where: { id: key.id }, data: { revokedAt: tx.clock.now() } });
    revoke(tx, { keyId: key.id });
    return revoked;
  });
}
