import type { AuditOutcome, Prisma } from "@shiplog/db";
import type { Actor } from "../../actor.ts";
import { cleanText } from "../../clean.ts";
import type { Context } from "../../context.ts";
import { decodeId } from "../../ids.ts";
import { userVisibility } from "../visibility.ts";

/** What to show of the audit log; what is absent restricts nothing. */
export interface AuditFilter {
  /** noun.verb, or the noun for all of its verbs. */
  readonly action?: string | null;
  /** Public id of a person, an API key, a session or an integration. */
  readonly actor?: string | null;
  /** Public id. */
  readonly target?: string | null;
  readonly outcome?: AuditOutcome | null;
  readonly from?: Date | null;
  readonly to?: Date | null;
  /** Part of the action, the address, the user agent or the request id, or of a person's name or e-mail address. */
  readonly search?: string | null;
}

/** Most people whose entries a search by name shows. */
const MOST_PEOPLE = 100;
const NOTHING: Prisma.AuditEntryWhereInput = { id: { in: [] } };

/** The condition of a filter. One statement with `search`, none without. */
export async function auditWhere(
  ctx: Context,
  actor: Actor,
  filter: AuditFilter,
): Promise<Prisma.AuditEntryWhereInput> {
  const { outcome, from, to } = filter;
  const action = filter.action == null ? null : cleanText(filter.action);
  const search = cleanText(filter.search ?? "").trim();
  return {
    AND: [
      action == null ? {} : { OR: [{ action }, { action: { startsWith: `${action}.` } }] },
      filter.actor == null ? {} : byActor(filter.actor),
      filter.target == null ? {} : byTarget(filter.target),
      outcome == null ? {} : { outcome },
      from == null ? {} : { at: { gte: from } },
      to == null ? {} : { at: { lt: to } },
      search ? await bySearch(ctx, actor, search) : {},
    ],
  };
}

function byActor(id: string): Prisma.AuditEntryWhereInput {
  const { type, uuids: [uuid] = [] } = decodeId(id) ?? {};
  switch (type) {
    case "User":
      return { userId: uuid };
    case "Session":
      return { sessionId: uuid };
    case "ApiKey":
      return { apiKeyId: uuid };
    case "Integration":
      return { integrationId: uuid };
    default:
      return NOTHING;
  }
}

function byTarget(id: string): Prisma.AuditEntryWhereInput {
  const decoded = decodeId(id);
  return decoded ? { targetType: decoded.type, targetId: decoded.uuids.join(":") } : NOTHING;
}

async function bySearch(ctx: Context, actor: Actor, text: string): Promise<Prisma.AuditEntryWhereInput> {
  const like = { contains: text, mode: "insensitive" } as const;
  const people = await ctx.db.user.findMany({
    where: { AND: [{ OR: [{ name: like }, { email: like }] }, userVisibility(actor)] },
    select: { id: true },
    take: MOST_PEOPLE,
  });
  return {
    OR: [
      { action: like },
      { address: like },
      { userAgent: like },
      { requestId: like },
      { userId: { in: people.map(({ id }) => id) } },
    ],
  };
}
