import type { Facts } from "../facts.ts";
import { THRESHOLDS } from "../thresholds.ts";
import { activityRules } from "./activity.ts";
import { codeRules } from "./code.ts";
import { dependencyRules } from "./dependencies.ts";
import { historyRules } from "./history.ts";
import { hotSpotRules } from "./hot-spots.ts";
import type { Insight, Severity } from "./insight.ts";
import { pipelineRules } from "./pipelines.ts";

export type { Insight, Severity } from "./insight.ts";

const ORDER: Readonly<Record<Severity, number>> = { warning: 0, notice: 1, info: 2 };
const RULES = [
  ...pipelineRules,
  ...hotSpotRules,
  ...historyRules,
  ...codeRules,
  ...dependencyRules,
  ...activityRules,
];

/** All that the rules see, most pressing first. */
export function composeInsights(facts: Facts): Insight[] {
  return RULES.map((rule) => rule(facts))
    .filter((insight) => insight !== null)
    .sort((a, b) => ORDER[a.severity] - ORDER[b.severity])
    .slice(0, THRESHOLDS.maxInsights);
}
