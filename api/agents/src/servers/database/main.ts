import { serveTools } from "../shared/serve.ts";
import { activitySummary } from "./activity.ts";
import { agentRunSummary } from "./agents.ts";
import { readEnv } from "./env.ts";
import { slowestJobs } from "./jobs.ts";
import { pipelineSummary, recentFailures } from "./pipelines.ts";
import { reportTool } from "./report.ts";

const env = readEnv();
await serveTools("database", [
  reportTool(activitySummary, env),
  reportTool(pipelineSummary, env),
  reportTool(slowestJobs, env),
  reportTool(recentFailures, env),
  reportTool(agentRunSummary, env),
]);
