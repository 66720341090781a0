import process from "node:process";
import { z } from "zod";
import { serveTools } from "../shared/serve.ts";
import { activitySummary } from "./activity.ts";
import { agentRunSummary } from "./agents.ts";
import { slowestJobs } from "./jobs.ts";
import { pipelineSummary, recentFailures } from "./pipelines.ts";
import { reportTool } from "./report.ts";

/** The whole environment of this process, set by the worker; argv would show the URL to every process. */
const environment = z.object({ SHIPLOG_DATABASE_URL: z.string().min(1), SHIPLOG_PROJECT_ID: z.uuid() });

// biome-ignore lint/style/noProcessEnv: this is where this process reads its environment
const { SHIPLOG_DATABASE_URL: url, SHIPLOG_PROJECT_ID: projectId } = environment.parse(process.env);
const env = { url, projectId };
await serveTools("database", [
  reportTool(activitySummary, env),
  reportTool(pipelineSummary, env),
  reportTool(slowestJobs, env),
  reportTool(recentFailures, env),
  reportTool(agentRunSummary, env),
]);
