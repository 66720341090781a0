import type { AuditOutcome, Prisma } from "@shiplog/db";
import type { Actor } from "../../actor.ts";
import type { Context, Origin } from "../../context.ts";
import type { IdType } from "../../ids.ts";
import type { Json } from "../../ports.ts";

export interface AuditTarget {
  readonly type: IdType;
  /** UUID; of a membership the project's and the user's, joined by a colon. */
  readonly id: string;
}

export interface AuditEvent {
  /** noun.verb, e.g. project.create; the noun is the type in snake case. */
  readonly action: string;
  /** UUID; null: about the instance. */
  readonly projectId?: string | null;
  readonly target?: AuditTarget | null;
  /** succeeded unless said. */
  readonly outcome?: AuditOutcome;
  /** What else a reader needs; never secrets, prompts or payloads. */
  readonly details?: Json;
}

/** Whoever acts: null = nobody who is known; a provider that signs its deliveries is known by its integration. */
export type AuditActor = Actor | { readonly type: "integration"; readonly integrationId: string } | null;

/**
 * Writes one entry in the caller's transaction `tx`: it exists when, and only when, what it tells of does. Where it
 * came from is read from `ctx.origin`. One statement.
 */
export async function audit(tx: Context, ctx: Context, actor: AuditActor, event: AuditEvent): Promise<void> {
  await auditAll(tx, ctx, [{ actor, event }]);
}

interface Entry {
  readonly actor: AuditActor;
  readonly event: AuditEvent;
  /** Of the request; absent: that of the context. */
  readonly origin?: Origin | null;
}

/** The same for several entries; one statement, none for an empty list. */
export async function auditAll(tx: Context, ctx: Context, entries: readonly Entry[]): Promise<void> {
  if (entries.length === 0) return;
  const data = entries.map(({ actor, event, origin = ctx.origin }) =>
    rowOf({ ...ctx, origin }, actor, event),
  );
  await tx.db.auditEntry.createMany({ data });
}

function rowOf(ctx: Context, actor: AuditActor, event: AuditEvent): Prisma.AuditEntryCreateManyInput {
  const { address = null, userAgent = null, requestId = null } = ctx.origin ?? {};
  return {
    id: ctx.newId(),
    at: ctx.clock.now(),
    projectId: event.projectId ?? null,
    ...whoOf(actor),
    action: event.action,
    outcome: event.outcome ?? "succeeded",
    targetType: event.target?.type ?? null,
    targetId: event.target?.id ?? null,
    ...(event.details != null && { details: event.details as Prisma.InputJsonValue }),
    address: address?.slice(0, 64) ?? null,
    userAgent: userAgent?.slice(0, 500).toWellFormed() ?? null,
    requestId,
  };
}

interface Who {
  readonly actorType: string;
  readonly userId?: string | null;
  readonly sessionId?: string;
  readonly apiKeyId?: string;
  readonly integrationId?: string;
}

function whoOf(actor: AuditActor): Who {
  switch (actor?.type) {
    case undefined:
      return { actorType: "anonymous" };
    case "system":
      return { actorType: "system" };
    case "user":
      return { actorType: "user", userId: actor.userId, sessionId: actor.sessionId };
    case "key":
      return { actorType: "key", apiKeyId: actor.keyId, userId: actor.userId };
    // The word says that it was a token; who made it is beside it.
    case "token":
      return { ...whoOf(actor.issuer), actorType: "token" };
    case "scope":
      throw new Error("results are made as a scope; it changes nothing");
    case "integration":
      return { actorType: "integration", integrationId: actor.integrationId };
  }
}
