import { z } from "zod";
import { fitting } from "../shared/fit.ts";
import { days, number, type Report } from "./report.ts";

interface GroupRow {
  tool: string;
  model: string | null;
  category: string;
  activities: string;
  input_tokens: string;
  output_tokens: string;
  cost_nanos: string | null;
  unpriced: string;
}

interface PeriodRow {
  current: boolean;
  activities: string;
  input_tokens: string;
  output_tokens: string;
  cost_nanos: string | null;
  unpriced: string;
}

/** A price the tool reported counts before the computed one; unknown stays unknown and is counted apart. */
const SUMS = `count(*) AS activities,
  coalesce(sum(input_tokens), 0) AS input_tokens,
  coalesce(sum(output_tokens), 0) AS output_tokens,
  sum(coalesce(cost_reported_nanos, cost_computed_nanos))::text AS cost_nanos,
  count(*) FILTER (WHERE coalesce(cost_reported_nanos, cost_computed_nanos) IS NULL) AS unpriced`;

const BY_GROUP = `SELECT left(tool, 60) AS tool, left(model, 100) AS model, category::text AS category, ${SUMS}
  FROM ai_activity
  WHERE project_id = $1 AND occurred_at >= now() - make_interval(days => $2)
  GROUP BY 1, 2, 3 ORDER BY count(*) DESC, 1, 2, 3 LIMIT 100`;

const BY_PERIOD = `SELECT occurred_at >= now() - make_interval(days => $2) AS current, ${SUMS}
  FROM ai_activity
  WHERE project_id = $1 AND occurred_at >= now() - make_interval(days => 2 * $2)
  GROUP BY 1`;

function sums(row: Omit<PeriodRow, "current"> | undefined) {
  return {
    activities: number(row?.activities ?? 0),
    inputTokens: number(row?.input_tokens ?? 0),
    outputTokens: number(row?.output_tokens ?? 0),
    costNanos: row?.cost_nanos ?? null,
    unpriced: number(row?.unpriced ?? 0),
  };
}

const input = z.strictObject({ days });

export const activitySummary: Report<typeof input> = {
  name: "ai_activity_summary",
  description:
    "AI activity of the last days by tool, model and category: activities, tokens, cost in nano-dollars (null = " +
    "nothing priced), activities without a known price; and the totals of that period and of the one before it.",
  input,
  async read(ask, projectId, args) {
    const groups = await ask<GroupRow>({ text: BY_GROUP, values: [projectId, args.days] });
    const periods = await ask<PeriodRow>({ text: BY_PERIOD, values: [projectId, args.days] });
    return {
      days: args.days,
      total: sums(periods.find((period) => period.current)),
      previous: sums(periods.find((period) => !period.current)),
      groups: fitting(
        groups.map((row) => ({
          tool: row.tool,
          model: row.model,
          category: row.category,
          ...sums(row),
        })),
      ),
    };
  },
};
