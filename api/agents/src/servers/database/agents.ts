import { z } from "zod";
import { fitting } from "../shared/fit.ts";
import { days, number, type Report } from "./report.ts";

interface AgentRow {
  agent_type: string;
  runs: string;
  completed: string;
  failed: string;
  cancelled: string;
  open: string;
  median_seconds: number | null;
  cost_nanos: string | null;
}

const SUMMARY = `SELECT left(agent_type, 100) AS agent_type, count(*) AS runs,
    count(*) FILTER (WHERE status = 'completed') AS completed,
    count(*) FILTER (WHERE status = 'failed') AS failed,
    count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
    count(*) FILTER (WHERE status IN ('pending', 'running', 'waiting_approval')) AS open,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM completed_at - started_at))
      FILTER (WHERE status = 'completed') AS median_seconds,
    sum(cost_nanos)::text AS cost_nanos
  FROM agent_execution
  WHERE project_id = $1 AND created_at >= now() - make_interval(days => $2)
  GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 100`;

const input = z.strictObject({ days });

export const agentRunSummary: Report<typeof input> = {
  name: "agent_run_summary",
  description:
    "Agent runs of the last days by agent type: runs by outcome, still open ones (this run among them), median " +
    "seconds of completed ones, cost in nano-dollars (null = nothing priced).",
  input,
  async read(ask, projectId, args) {
    const rows = await ask<AgentRow>({ text: SUMMARY, values: [projectId, args.days] });
    const agents = rows.map((row) => ({
      agentType: row.agent_type,
      runs: number(row.runs),
      completed: number(row.completed),
      failed: number(row.failed),
      cancelled: number(row.cancelled),
      open: number(row.open),
      medianSeconds: row.median_seconds,
      costNanos: row.cost_nanos,
    }));
    return { days: args.days, agents: fitting(agents) };
  },
};
