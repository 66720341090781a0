import type { AgentStepIO, Json } from "@shiplog/core";
import { ask, toJson } from "./ask.ts";
import type { ReportFacts } from "./facts.ts";
import { THRESHOLDS } from "./thresholds.ts";
import { count } from "./words.ts";

export async function readReports(io: AgentStepIO): Promise<Json> {
  const days = THRESHOLDS.reportDays;
  const facts: ReportFacts = {
    days,
    activity: await ask(io, "database", "ai_activity_summary", { days }),
    pipelines: await ask(io, "database", "pipeline_summary", { days }),
    jobs: await ask(io, "database", "slowest_jobs", { days, limit: 10 }),
    failures: await ask(io, "database", "recent_failures", { days, limit: 10 }),
    agents: await ask(io, "database", "agent_run_summary", { days }),
  };
  await io.message("assistant", sentence(facts));
  return toJson(facts);
}

function sentence({ days, activity, pipelines }: ReportFacts): string {
  if (!activity.available || !pipelines.available) return "Some of the recorded data could not be read.";
  const runs = pipelines.pipelines.reduce((total, pipeline) => total + pipeline.runs, 0);
  return `Recorded in the last ${days} days: ${count(runs, "pipeline run")} and ${count(
    activity.total.activities,
    "AI activity",
    "AI activities",
  )}.`;
}
