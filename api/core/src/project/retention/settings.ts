import type { PrivacyMode, ProjectRetention } from "@shiplog/db";
import { z } from "zod";
import { audited, authorize, parseInput } from "../../account/index.ts";
import type { Actor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { transact } from "../../transaction.ts";

/** How long a project keeps what, in days; null = for good. */
export interface Retention {
  readonly privacyMode: PrivacyMode;
  /** Prompts, responses, diffs, raw payloads, what is too large for an event, what an ended run's tools answered. */
  readonly contentDays: number | null;
  /** Events of ended executions, and of the project. */
  readonly eventDays: number | null;
  /** Deliveries; a delivery that is gone could be replayed by whoever has it. */
  readonly deliveryDays: number | null;
  readonly auditDays: number | null;
}

/** Of a project that said nothing. */
export const DEFAULT_RETENTION: Retention = {
  privacyMode: "full",
  contentDays: null,
  eventDays: null,
  deliveryDays: 90,
  auditDays: 365,
};

const LONGEST = 3_650;
const days = (least: number) => z.number().int().min(least).max(LONGEST).nullable().optional();

const input = z.object({
  privacyMode: z.enum(["full", "metadata"]).nullish(),
  contentDays: days(1),
  eventDays: days(1),
  // Replays of a signed delivery are recognised by its id, which must be kept that long.
  deliveryDays: days(90),
  // The trigger of audit_pruning gives up nothing younger.
  auditDays: days(30),
});

export interface UpdateRetentionInput extends Partial<Omit<Retention, "privacyMode">> {
  /** UUID. */
  readonly projectId: string;
  readonly privacyMode?: string | null;
}

/** What a project's row says, and the defaults where there is none. */
export function retentionOf(row: ProjectRetention | null | undefined): Retention {
  const { privacyMode, contentDays, eventDays, deliveryDays, auditDays } = row ?? DEFAULT_RETENTION;
  return { privacyMode, contentDays, eventDays, deliveryDays, auditDays };
}

/** The retentions of projects (UUIDs), in order. One statement. The caller must have found the projects. */
export async function readRetentions(ctx: Context, projectIds: readonly string[]): Promise<Retention[]> {
  const rows = await ctx.db.projectRetention.findMany({ where: { projectId: { in: [...projectIds] } } });
  const byId = new Map(rows.map((row) => [row.projectId, row]));
  return projectIds.map((id) => retentionOf(byId.get(id)));
}

/**
 * Changes how long a project keeps what; what is absent stays, null = for good. The next run of the retention job
 * acts on it. Needs retention.manage; throws NotFoundError, ForbiddenError, InvalidInputError.
 */
export async function updateProjectRetention(
  ctx: Context,
  actor: Actor,
  { projectId, ...changes }: UpdateRetentionInput,
): Promise<Retention> {
  const target = { type: "Project", id: projectId } as const;
  return audited(ctx, actor, { action: "project_retention.update", projectId, target }, async (attempt) => {
    await authorize(ctx, actor, projectId, "retention.manage");
    const { privacyMode, ...parsed } = parseInput(input, changes);
    const given = Object.fromEntries(Object.entries(parsed).filter(([, value]) => value !== undefined));
    return transact(ctx, async (tx) => {
      const before = retentionOf(await tx.db.projectRetention.findUnique({ where: { projectId } }));
      const after: Retention = { ...before, ...given, privacyMode: privacyMode ?? before.privacyMode };
      const row = { ...after, updatedAt: tx.clock.now() };
      await tx.db.projectRetention.upsert({
        where: { projectId },
        create: { projectId, ...row },
        update: row,
      });
      await attempt.succeed(tx, { details: { before: { ...before }, after: { ...after } } });
      return after;
    });
  });
}
