import { queryRaw, sql } from "@shiplog/db";
import type { Context } from "../../context.ts";
import { pruneStreams, type StreamKind } from "../../live/index.ts";
import { BATCH, type Kind, pruneAudit, pruneBatch } from "./prune.ts";
import { DEFAULT_RETENTION, type Retention, retentionOf } from "./settings.ts";

const DAY_MS = 24 * 3_600_000;
const PROJECTS = 100;

export interface RetentionOptions {
  /** Batches of one kind of one project in one run; the next run goes on. */
  readonly batches?: number;
  readonly signal?: AbortSignal;
}

/** Rows that went, by what they were. */
export type Pruned = Record<Kind | "events" | "audit", number>;

const DAYS: Record<Kind, (retention: Retention) => number | null> = {
  content: (retention) => retention.contentDays,
  payload: (retention) => retention.contentDays,
  diff: (retention) => retention.contentDays,
  overflow: (retention) => retention.contentDays,
  step: (retention) => retention.contentDays,
  run: (retention) => retention.contentDays,
  delivery: (retention) => retention.deliveryDays,
};

/**
 * Removes what projects no longer keep, in bounded batches, each a transaction of its own: nothing is locked for long,
 * and a run that is cut off loses nothing. Several at once do each other no harm.
 */
export async function applyRetention(ctx: Context, options: RetentionOptions = {}): Promise<Pruned> {
  const none = { content: 0, payload: 0, diff: 0, overflow: 0, step: 0, run: 0, delivery: 0 };
  const pruned: Pruned = { ...none, events: 0, audit: 0 };
  let after: string | undefined;
  while (!options.signal?.aborted) {
    const projects = await ctx.db.project.findMany({
      where: after ? { id: { gt: after } } : {},
      orderBy: { id: "asc" },
      take: PROJECTS,
      select: { id: true, retention: true },
    });
    for (const { id, retention } of projects)
      await pruneProject(ctx, id, retentionOf(retention), options, pruned);
    after = projects.at(-1)?.id;
    if (projects.length < PROJECTS) break;
  }
  // Entries about the installation, and about projects that are gone.
  for (const id of await orphans(ctx)) await pruneEntries(ctx, id, DEFAULT_RETENTION, options, pruned);
  return pruned;
}

async function pruneProject(
  ctx: Context,
  projectId: string,
  retention: Retention,
  options: RetentionOptions,
  pruned: Pruned,
): Promise<void> {
  for (const kind of Object.keys(DAYS) as Kind[]) {
    const before = cutOff(ctx, DAYS[kind](retention));
    if (before) pruned[kind] += await inBatches(options, () => pruneBatch(ctx, kind, projectId, before));
  }
  for (const kind of STREAMS) {
    const before = cutOff(ctx, eventDays(kind, retention));
    const prune = before && (() => pruneStreams(ctx, { projectId, kind, before, limit: BATCH }));
    if (prune) pruned.events += await inBatches(options, prune);
  }
  await pruneEntries(ctx, projectId, retention, options, pruned);
}

const STREAMS: readonly StreamKind[] = ["agent_execution", "pipeline_execution", "project"];
/** Of a project's own stream, whose events only say what changed: its state is not in them. */
const NEWS_DAYS = 90;

/** The log of an execution is all there is of it; it is kept for good unless the project says otherwise. */
function eventDays(kind: StreamKind, retention: Retention): number | null {
  return kind === "project" ? Math.min(NEWS_DAYS, retention.eventDays ?? NEWS_DAYS) : retention.eventDays;
}

async function pruneEntries(
  ctx: Context,
  projectId: string | null,
  { auditDays }: Retention,
  options: RetentionOptions,
  pruned: Pruned,
): Promise<void> {
  const before = cutOff(ctx, auditDays);
  if (before) pruned.audit += await inBatches(options, () => pruneAudit(ctx, projectId, before));
}

function cutOff(ctx: Context, days: number | null): Date | null {
  return days === null ? null : new Date(ctx.clock.now().getTime() - days * DAY_MS);
}

const MOST_BATCHES = 100;

async function inBatches(options: RetentionOptions, prune: () => Promise<number>): Promise<number> {
  let total = 0;
  for (let batch = 0; batch < (options.batches ?? MOST_BATCHES) && !options.signal?.aborted; batch++) {
    const count = await prune();
    total += count;
    if (count < BATCH) break;
  }
  return total;
}

/** Null stands for the installation. The index leads from one project to the next. */
async function orphans(ctx: Context): Promise<(string | null)[]> {
  const rows = await queryRaw<{ id: string }>(
    ctx.db,
    sql`WITH RECURSIVE named AS (
          (SELECT project_id FROM audit_entry WHERE project_id IS NOT NULL ORDER BY project_id LIMIT 1)
          UNION ALL
          SELECT (SELECT project_id FROM audit_entry WHERE project_id > named.project_id ORDER BY project_id LIMIT 1)
          FROM named WHERE named.project_id IS NOT NULL
        )
        SELECT n.project_id AS id FROM named n
        WHERE n.project_id IS NOT NULL AND NOT EXISTS (SELECT FROM project p WHERE p.id = n.project_id)`,
  );
  return [null, ...rows.map(({ id }) => id)];
}
