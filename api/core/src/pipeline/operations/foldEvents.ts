import type { Context } from "../../context.ts";
import { recordChanges } from "../events.ts";
import type { NormalizedEvent } from "../normalized.ts";
import { foldCommits, linkPullRequests } from "./commits.ts";
import { foldDeployments, foldEnvironments } from "./deployments.ts";
import { foldJobs } from "./jobs.ts";
import { resolveLinks } from "./links.ts";
import { foldPipelines } from "./pipelines.ts";
import { foldPullRequests } from "./pullRequests.ts";
import { openScope } from "./repository.ts";
import type { Source } from "./scope.ts";

type Entity = NormalizedEvent["entity"];
type EventOf<E extends Entity> = Extract<NormalizedEvent, { entity: E }>;

function of<E extends Entity>(events: readonly NormalizedEvent[], entity: E): EventOf<E>[] {
  return events.filter((event): event is EventOf<E> => event.entity === entity);
}

/**
 * Folds one delivery's events into the project's state and records what changed, in the caller's transaction. Any
 * permutation and duplication of the same deliveries ends in the same rows. Locks: the repository's row, then the
 * project's environments by name, then (at commit) the heads of the streams; deliveries of different repositories run
 * in parallel, those of one repository one after another.
 */
export async function foldEvents(
  tx: Context,
  source: Source,
  events: readonly NormalizedEvent[],
): Promise<void> {
  const [repository] = of(events, "repository");
  if (!repository) {
    if (events.length > 0) throw new Error("events without their repository");
    return;
  }
  const scope = await openScope(tx, source, repository);
  const links = of(events, "pullRequestCommit");
  const deploymentEvents = of(events, "deployment");
  const mentioned = [
    ...links.map(({ sha }) => sha),
    ...deploymentEvents.map(({ fields }) => fields.commitSha ?? null).filter((sha) => sha !== null),
  ];
  const commits = await foldCommits(scope, of(events, "commit"), mentioned);
  const pullRequests = await foldPullRequests(scope, of(events, "pullRequest"));
  await linkPullRequests(scope, links, pullRequests, commits);
  const pipelines = await foldPipelines(scope, of(events, "pipeline"));
  const jobs = await foldJobs(scope, of(events, "job"), pipelines);
  const environments = await foldEnvironments(scope, of(events, "environment"));
  const deployments = await foldDeployments(scope, deploymentEvents, environments, commits);
  const touched = [...pipelines.values()];
  const relinked = await resolveLinks(scope, touched, deployments);
  recordChanges(scope, { pipelines: touched, jobs, deployments, relinked });
}
