import {
  type DeploymentEvent,
  deploymentRank,
  isSettled,
  type NormalizedEvent,
  deploymentStatus as statusOf,
} from "@shiplog/core/pipeline";
import { z } from "zod";
import { account, count, flag, id, line, maybe, read, sha, text, time, told, url } from "./fields.ts";
import { repository, repositoryEvent } from "./repository.ts";

const deploymentSchema = z.object({
  id,
  sha,
  ref: line,
  task: line,
  environment: line,
  description: text,
  creator: maybe(account),
  created_at: time,
  production_environment: flag,
});

const runRef = maybe(z.object({ id, run_attempt: count }));

const created = z.object({ deployment: deploymentSchema, workflow_run: runRef, repository });

const statusSchema = z.object({
  deployment_status: z.object({
    state: line,
    environment: line,
    environment_url: url,
    log_url: url,
    target_url: url,
    description: text,
    created_at: time,
  }),
  deployment: deploymentSchema,
  workflow_run: runRef,
  repository,
});

type Deployment = z.output<typeof deploymentSchema>;
type RunRef = z.output<typeof runRef>;

/** Where GitHub names no environment. */
const UNNAMED = "production";

/** A deployment was asked for. */
export function deployment(payload: unknown): NormalizedEvent[] {
  const { deployment: deployed, workflow_run, repository: repo } = read(created, payload);
  const events: DeploymentEvent = {
    entity: "deployment",
    externalId: deployed.id,
    rank: 0,
    time: deployed.created_at,
    fields: {
      ...about(deployed, workflow_run, deployed.environment ?? UNNAMED),
      status: "queued",
      rawStatus: null,
    },
  };
  return [repositoryEvent(repo), environment(deployed, deployed.environment ?? UNNAMED), events];
}

/** A deployment went on. Each status has its own time, so a deployment taken down and brought back is told right. */
export function deploymentStatus(payload: unknown): NormalizedEvent[] {
  const {
    deployment_status,
    deployment: deployed,
    workflow_run,
    repository: repo,
  } = read(statusSchema, payload);
  const name = deployment_status.environment ?? deployed.environment ?? UNNAMED;
  const status = statusOf(deployment_status.state ?? "");
  const at = deployment_status.created_at;
  const event: DeploymentEvent = {
    entity: "deployment",
    externalId: deployed.id,
    rank: deploymentRank(status),
    time: at,
    fields: {
      ...about(deployed, workflow_run, name),
      ...told({
        url: deployment_status.environment_url,
        logUrl: deployment_status.log_url ?? deployment_status.target_url,
        description: deployed.description ?? deployment_status.description,
        startedAt: status === "running" ? at : null,
        completedAt: isSettled(status) ? at : null,
      }),
      status,
      rawStatus: deployment_status.state,
    },
  };
  return [repositoryEvent(repo), environment(deployed, name), event];
}

function environment(deployed: Deployment, name: string): NormalizedEvent {
  return { entity: "environment", name, isProduction: deployed.production_environment };
}

function about(deployed: Deployment, run: RunRef, name: string): DeploymentEvent["fields"] {
  return told({
    environment: name,
    commitSha: deployed.sha,
    ref: deployed.ref,
    task: deployed.task,
    description: deployed.description,
    creatorLogin: deployed.creator?.login ?? null,
    createdAt: deployed.created_at,
    pipelineExternalId: run?.id ?? null,
    pipelineAttempt: run ? run.run_attempt || 1 : null,
  });
}
