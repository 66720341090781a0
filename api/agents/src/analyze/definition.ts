import type { AgentDefinition } from "@shiplog/core";
import { compose, result, writeReport } from "./compose.ts";
import { readHistory } from "./history.ts";
import { findHotSpots } from "./hot-spots.ts";
import { readManifests } from "./manifests.ts";
import { readReports } from "./reports.ts";
import { inspectTree } from "./tree.ts";

/** The tools that the agent may call; the executor's host refuses every other. */
export const ANALYZE_TOOLS: ReadonlySet<string> = new Set([
  "filesystem/summarise_tree",
  "filesystem/read_files",
  "filesystem/inspect_files",
  "git/log",
  "git/cadence",
  "git/authors",
  "git/churn",
  "database/ai_activity_summary",
  "database/pipeline_summary",
  "database/slowest_jobs",
  "database/recent_failures",
  "database/agent_run_summary",
]);

/** Reads a project's files, history and records, and says what stands out. Needs no model. */
export const analyze: AgentDefinition = {
  type: "analyze",
  description:
    "Reads the project's folder, its git history, and the recorded pipelines and AI activity, and reports what " +
    "stands out, each insight with its evidence. Uses no model.",
  needsWorkspace: true,
  steps: [
    { name: "tree", run: inspectTree },
    { name: "manifests", run: readManifests },
    { name: "history", run: readHistory },
    { name: "hot-spots", run: findHotSpots },
    { name: "reports", run: readReports },
    { name: "insights", run: compose },
    { name: "report", run: writeReport },
  ],
  result,
};
