import { THRESHOLDS } from "../thresholds.ts";
import { code, count, dollars, list, percent } from "../words.ts";
import { EVIDENCE_KEPT, type Rule } from "./insight.ts";

const limits = THRESHOLDS.ai;

function nanos(value: string | null): bigint {
  return value === null ? 0n : BigInt(value);
}

/** Ratio of money as a number; both sides are far below 2^53 cents. */
function ratio(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number(part / 1_000n) / Number(whole / 1_000n || 1n);
}

const costTrend: Rule = ({ reports }) => {
  if (!reports.activity.available) return null;
  const { total, previous, days } = reports.activity;
  const now = nanos(total.costNanos);
  const before = nanos(previous.costNanos);
  if (before < limits.trendMinNanos) return null;
  const factor = ratio(now, before);
  const up = factor >= limits.trendFactor;
  if (!up && factor > 1 / limits.trendFactor) return null;
  return {
    rule: "ai_cost_trend",
    title: up ? "AI costs are rising" : "AI costs are falling",
    severity: up ? "notice" : "info",
    text: `${dollars(now)} in the last ${days} days, ${dollars(before)} in the ${days} before; activities went from ${previous.activities} to ${total.activities}.`,
    evidence: [
      {
        kind: "report",
        ref: "database/ai_activity_summary",
        value: { days, total: { ...total }, previous: { ...previous } },
      },
    ],
  };
};

const unpriced: Rule = ({ reports }) => {
  if (!reports.activity.available || reports.activity.total.unpriced === 0) return null;
  const groups = reports.activity.groups.filter((group) => group.unpriced > 0);
  const models = new Map<string, number>();
  for (const group of groups) {
    const model = group.model ?? "(no model)";
    models.set(model, (models.get(model) ?? 0) + group.unpriced);
  }
  const { unpriced: without, activities } = reports.activity.total;
  return {
    rule: "unpriced_models",
    title: `${count(without, "AI activity", "AI activities")} without a known price`,
    severity: "notice",
    text: `${list([...models.keys()].map(code))}: the cost shown covers only ${activities - without} of ${count(activities, "activity", "activities")}.`,
    evidence: [...models].slice(0, EVIDENCE_KEPT).map(([model, value]) => ({
      kind: "model",
      ref: model,
      value: { unpriced: value },
    })),
  };
};

const concentration: Rule = ({ reports }) => {
  if (!reports.activity.available) return null;
  const total = nanos(reports.activity.total.costNanos);
  if (total < limits.concentrationMinNanos) return null;
  const models = new Map<string, bigint>();
  for (const group of reports.activity.groups) {
    if (group.model === null) continue;
    models.set(group.model, (models.get(group.model) ?? 0n) + nanos(group.costNanos));
  }
  const top = [...models].sort(([, a], [, b]) => (a < b ? 1 : -1))[0];
  if (!top || models.size < 2 || ratio(top[1], total) < limits.concentration) return null;
  return {
    rule: "one_model_costs",
    title: `${top[0]} makes ${percent(ratio(top[1], total))} of the AI cost`,
    severity: "info",
    text: `${dollars(top[1])} of ${dollars(total)} in the last ${reports.days} days; ${count(models.size, "model")} are in use.`,
    evidence: [
      { kind: "model", ref: top[0], value: { costNanos: String(top[1]), totalNanos: String(total) } },
    ],
  };
};

const failingAgents: Rule = ({ reports }) => {
  if (!reports.agents.available) return null;
  const bad = reports.agents.agents.filter(({ completed, failed }) => {
    const ended = completed + failed;
    return ended >= THRESHOLDS.agent.minRuns && failed / ended >= THRESHOLDS.agent.failureShare;
  });
  if (bad.length === 0) return null;
  return {
    rule: "failing_agents",
    title: "Agent runs fail often",
    severity: "warning",
    text: `${list(bad.map(({ agentType, completed, failed }) => `${code(agentType)} (${failed} of ${completed + failed} runs)`))} failed in the last ${reports.days} days.`,
    evidence: bad.slice(0, EVIDENCE_KEPT).map(({ agentType, completed, failed }) => ({
      kind: "agent",
      ref: agentType,
      value: { completed, failed },
    })),
  };
};

const none: Rule = ({ reports }) => {
  if (!reports.activity.available || reports.activity.total.activities > 0) return null;
  return {
    rule: "no_ai_activity",
    title: "No AI activity recorded",
    severity: "info",
    text: `None in the last ${reports.days} days. Tools report it with \`recordAIActivity\` and an API key of the project.`,
    evidence: [
      { kind: "report", ref: "database/ai_activity_summary", value: { days: reports.days, activities: 0 } },
    ],
  };
};

const unreadable: Rule = ({ reports }) => {
  const parts = Object.entries(reports).flatMap(([name, part]) =>
    typeof part === "object" && !part.available ? [{ name, reason: part.reason as string }] : [],
  );
  if (parts.length === 0) return null;
  return {
    rule: "unreadable_records",
    title: "Some recorded data could not be read",
    severity: "notice",
    text: `Missing here: ${list(parts.map((part) => part.name))}.`,
    evidence: parts.map((part) => ({ kind: "report", ref: part.name, value: part.reason })),
  };
};

export const activityRules: readonly Rule[] = [
  costTrend,
  unpriced,
  concentration,
  failingAgents,
  none,
  unreadable,
];
