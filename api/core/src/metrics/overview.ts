import { permittedProjects } from "../account/index.ts";
import type { Actor } from "../actor.ts";
import type { Context } from "../context.ts";
import { type SpendRow, spendRows, summaryRows } from "./queries.ts";

const DAY_MS = 86_400_000;
/** Days that the overview looks back, today included. */
const OVERVIEW_DAYS = 7;

/** Midnight UTC, that many days before today. */
function startOfDay(now: Date, daysAgo = 0): Date {
  return new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS - daysAgo * DAY_MS);
}

/** When the overview's time begins: midnight UTC six days ago. */
export function overviewStart(ctx: Context): Date {
  return startOfDay(ctx.clock.now(), OVERVIEW_DAYS - 1);
}

/**
 * The projects (UUIDs) an overview covers: all whose metrics the actor may read, or the one that is asked for if
 * it is among them. One statement.
 */
export async function overviewProjects(
  ctx: Context,
  actor: Actor,
  projectId: string | null = null,
): Promise<string[]> {
  const permitted = permittedProjects(actor, "metrics.read");
  const where = projectId === null ? permitted : { AND: [{ id: projectId }, permitted] };
  const projects = await ctx.db.project.findMany({ where, select: { id: true } });
  return projects.map((project) => project.id);
}

export interface Spend {
  /** Nano-dollars. */
  readonly today: bigint;
  /** Every day of the span, oldest first, also those without spend. */
  readonly days: readonly { readonly date: string; readonly cost: bigint }[];
  /** Dearest first. */
  readonly byTool: readonly { readonly tool: string; readonly cost: bigint; readonly activities: number }[];
  readonly unpriced: number;
}

/** What AI cost in those projects over the overview's days, by day and tool. One statement. */
export async function spend(ctx: Context, projectIds: readonly string[]): Promise<Spend> {
  const rows = await spendRows(ctx, projectIds, overviewStart(ctx));
  const dates = Array.from({ length: OVERVIEW_DAYS }, (_, i) =>
    startOfDay(ctx.clock.now(), OVERVIEW_DAYS - 1 - i)
      .toISOString()
      .slice(0, 10),
  );
  const days = dates.map((date) => ({ date, cost: sum(rows.filter((row) => row.day === date)) }));
  const tools = [...Map.groupBy(rows, (row) => row.tool)].map(([tool, own]) => ({
    tool,
    cost: sum(own),
    activities: own.reduce((total, row) => total + row.activities, 0),
  }));
  return {
    today: days.at(-1)?.cost ?? 0n,
    days,
    byTool: tools.sort((a, b) => Number(b.cost - a.cost) || a.tool.localeCompare(b.tool)),
    unpriced: rows.reduce((total, row) => total + row.unpriced, 0),
  };
}

function sum(rows: readonly SpendRow[]): bigint {
  return rows.reduce((total, row) => total + row.nanos, 0n);
}

export interface ProjectSummary {
  readonly running: number;
  readonly pipelines7d: number;
  /** Of the pipelines that passed or failed; null when none did. */
  readonly passRate7d: number | null;
  /** Nano-dollars; null when nothing was priced. */
  readonly costToday: bigint | null;
  readonly cost7d: bigint | null;
  readonly lastDeploymentId: string | null;
}

/** The numbers of project cards by project UUID. One statement whatever the number of projects. */
export async function projectSummaries(
  ctx: Context,
  projectIds: readonly string[],
): Promise<ReadonlyMap<string, ProjectSummary>> {
  const times = { today: startOfDay(ctx.clock.now()), since: overviewStart(ctx) };
  const rows = await summaryRows(ctx, projectIds, times);
  return new Map(
    rows.map((row) => [
      row.projectId,
      {
        running: row.running,
        pipelines7d: row.pipelines,
        passRate7d: row.passed + row.failed > 0 ? row.passed / (row.passed + row.failed) : null,
        costToday: row.costToday,
        cost7d: row.costSince,
        lastDeploymentId: row.lastDeploymentId,
      },
    ]),
  );
}
