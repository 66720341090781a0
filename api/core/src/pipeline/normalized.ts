import type { DeploymentStatus } from "./deploymentStatus.ts";
import type { Patch } from "./fold.ts";
import type { PipelineStatus } from "./status.ts";

/** The provider-neutral form of a delivery: what a provider's `normalize` makes and `foldEvents` takes. */

export interface RepositoryFields {
  fullName: string;
  url: string | null;
  defaultBranch: string | null;
}

export interface CommitFields {
  message: string | null;
  authorName: string | null;
  authorEmail: string | null;
  authorLogin: string | null;
  branch: string | null;
  url: string | null;
  filesChanged: number | null;
  committedAt: Date | null;
}

export interface PullRequestFields {
  title: string;
  state: "open" | "closed" | "merged";
  draft: boolean;
  authorLogin: string | null;
  authorIsBot: boolean;
  headRef: string | null;
  headSha: string | null;
  baseRef: string | null;
  mergeCommitSha: string | null;
  additions: number | null;
  deletions: number | null;
  changedFiles: number | null;
  url: string | null;
  openedAt: Date | null;
  closedAt: Date | null;
  mergedAt: Date | null;
}

export interface PipelineFields {
  pipelineName: string;
  title: string | null;
  runNumber: number | null;
  status: PipelineStatus;
  rawStatus: string | null;
  rawConclusion: string | null;
  commitSha: string | null;
  branch: string | null;
  event: string | null;
  triggeredBy: string | null;
  url: string | null;
  startedAt: Date | null;
  completedAt: Date | null;
  /** When the attempt was asked for. */
  createdAt: Date;
}

export interface Step {
  readonly number: number;
  readonly name: string;
  readonly status: PipelineStatus;
  readonly rawConclusion: string | null;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
}

export interface JobFields {
  name: string;
  status: PipelineStatus;
  rawStatus: string | null;
  rawConclusion: string | null;
  runnerName: string | null;
  labels: readonly string[];
  url: string | null;
  queuedAt: Date | null;
  startedAt: Date | null;
  completedAt: Date | null;
  /** All steps known to that delivery: the list is one field. */
  steps: readonly Step[];
}

export interface DeploymentFields {
  environment: string;
  status: DeploymentStatus;
  rawStatus: string | null;
  commitSha: string | null;
  ref: string | null;
  task: string | null;
  description: string | null;
  creatorLogin: string | null;
  url: string | null;
  logUrl: string | null;
  startedAt: Date | null;
  completedAt: Date | null;
  createdAt: Date;
  /** The run the provider names for it. */
  pipelineExternalId: string | null;
  pipelineAttempt: number | null;
}

/** A pipeline within its repository. */
export interface PipelineRef {
  readonly externalId: string;
  /** 1 where the provider names no attempt. */
  readonly attempt: number;
}

export type RepositoryEvent = {
  readonly entity: "repository";
  readonly externalId: string;
} & Patch<RepositoryFields>;
export type CommitEvent = { readonly entity: "commit"; readonly sha: string } & Patch<CommitFields>;
export type PullRequestEvent = {
  readonly entity: "pullRequest";
  readonly number: number;
} & Patch<PullRequestFields>;
/** A commit of a pull request, how that is known and how surely; creates the commit when need be. */
export interface PullRequestCommitEvent {
  readonly entity: "pullRequestCommit";
  readonly number: number;
  readonly sha: string;
  readonly method: "head" | "merge" | "listed";
  readonly confidence: number;
}
export type PipelineEvent = { readonly entity: "pipeline" } & PipelineRef & Patch<PipelineFields>;
/** The same delivery must carry a pipeline event of its `pipeline`. */
export type JobEvent = {
  readonly entity: "job";
  readonly pipeline: PipelineRef;
  readonly externalId: string;
} & Patch<JobFields>;
export type DeploymentEvent = {
  readonly entity: "deployment";
  readonly externalId: string;
} & Patch<DeploymentFields>;
/** An environment that exists; `isProduction` is null when the provider does not say. */
export interface EnvironmentEvent {
  readonly entity: "environment";
  readonly name: string;
  readonly isProduction: boolean | null;
}

export type NormalizedEvent =
  | RepositoryEvent
  | CommitEvent
  | PullRequestEvent
  | PullRequestCommitEvent
  | PipelineEvent
  | JobEvent
  | DeploymentEvent
  | EnvironmentEvent;

/** What a delivery comes to. Everything but the repository event belongs to the one repository it names. */
export type Normalized =
  | { readonly kind: "events"; readonly events: readonly NormalizedEvent[] }
  /** Stored, without effect; the reason is for a person. */
  | { readonly kind: "ignored"; readonly reason: string };
