import type { Integration } from "@shiplog/db";
import { z } from "zod";
import { audited, authorize, parseInput, text } from "../../account/index.ts";
import type { Actor } from "../../actor.ts";
import type { Context, Settings } from "../../context.ts";
import { NotFoundError } from "../../errors.ts";
import { encodeId } from "../../ids.ts";
import { forgetRedactor } from "../../redact/index.ts";
import { integrationSecret } from "../../secret-places.ts";
import { transact } from "../../transaction.ts";

const SECRET_BYTES = 32;

const createIntegrationInput = z.object({
  provider: z.enum(["github"]),
  name: text(120).nullish(),
});

export interface CreateIntegrationInput {
  /** UUID. */
  readonly projectId: string;
  readonly provider: string;
  /** Shown in lists; absent: the provider's name. */
  readonly name?: string | null;
}

/** What a stored secret of an integration is bound to. */
export const secretBinding = integrationSecret.bind;

/** Where the provider posts to. */
export function webhookUrl(settings: Settings, integration: Pick<Integration, "id" | "provider">): string {
  const id = encodeId("Integration", integration.id);
  return `${settings.publicUrl}/api/v1/webhooks/${integration.provider}/${id}`;
}

/**
 * Makes a source of deliveries. The secret is in this answer only; it is stored sealed, for it must be known again to
 * check signatures. Needs integration.manage; throws NotFoundError, ForbiddenError, InvalidInputError.
 */
export async function createIntegration(
  ctx: Context,
  actor: Actor,
  input: CreateIntegrationInput,
): Promise<{ integration: Integration; secret: string }> {
  const { projectId } = input;
  return audited(ctx, actor, { action: "integration.create", projectId }, async (attempt) => {
    await authorize(ctx, actor, projectId, "integration.manage");
    const { provider, name } = parseInput(createIntegrationInput, input);
    const id = ctx.newId();
    const secret = `whsec_${ctx.randomBytes(SECRET_BYTES).toString("base64url")}`;
    const now = ctx.clock.now();
    return transact(ctx, async (tx) => {
      const integration = await tx.db.integration.create({
        data: {
          id,
          projectId,
          provider,
          name: name || "GitHub",
          secretSealed: Uint8Array.from(ctx.secrets.seal(Buffer.from(secret), secretBinding(id))),
          createdAt: now,
          updatedAt: now,
        },
      });
      tx.afterCommit(() => forgetRedactor(ctx, projectId));
      await attempt.succeed(tx, { target: { type: "Integration", id }, details: { provider } });
      return { integration, secret };
    });
  });
}

/**
 * Deletes an integration with its deliveries; what was folded from them stays. Needs integration.manage; throws
 * NotFoundError and ForbiddenError. Answers the id.
 */
export async function deleteIntegration(
  ctx: Context,
  actor: Actor,
  input: { readonly id: string },
): Promise<string> {
  const { id } = input;
  const event = { action: "integration.delete", target: { type: "Integration", id } } as const;
  return audited(ctx, actor, event, (attempt) =>
    transact(ctx, async (tx) => {
      const found = await tx.db.integration.findUnique({ where: { id }, select: { projectId: true } });
      if (!found) throw new NotFoundError("integration");
      attempt.about(found);
      await authorize(tx, actor, found.projectId, "integration.manage", "integration");
      await tx.db.integration.delete({ where: { id } });
      await attempt.succeed(tx);
      return id;
    }),
  );
}
