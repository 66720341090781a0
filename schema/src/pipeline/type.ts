import { attemptsOf, commitsOf, failureReasons, pullRequestsOf } from "@shiplog/core/metrics";
import { builder } from "../builder.ts";
import { computed, durationMs, keyed } from "../shared/batch.ts";
import { PipelineStatus } from "../shared/enums.ts";
import { ID } from "../shared/node.ts";
import { planned, visibleMany, visibleOne } from "../shared/visible.ts";
import { COMMITTED, Commit, type Committed, commitOf, PullRequest } from "./commit.ts";

const SPAN = { startedAt: true, completedAt: true } as const;

export const PipelineExecution = builder.prismaNode("PipelineExecution", {
  id: ID,
  select: { id: true },
  description: "One attempt of one run of a pipeline (a workflow, or another app's checks of a commit).",
  fields: (t) => ({
    project: t.relation("project", { description: "Whose it is." }),
    repository: t.relation("repository", { description: "Where it ran for." }),
    provider: t.exposeString("provider", { description: "Who ran it, e.g. github." }),
    externalId: t.exposeString("externalId", {
      description: "The provider's id of the run, shared by its attempts.",
    }),
    attempt: t.exposeInt("attempt", { description: "1 for the first; a re-run counts up." }),
    pipelineName: t.exposeString("pipelineName", {
      description: "As the provider names the workflow or app.",
    }),
    title: t.exposeString("title", {
      nullable: true,
      description: "What it is about, e.g. the commit's subject; null when not told.",
    }),
    runNumber: t.exposeInt("runNumber", {
      nullable: true,
      description: "The provider's count; null when none.",
    }),
    status: t.expose("status", { type: PipelineStatus, description: "Where it stands." }),
    rawStatus: t.exposeString("rawStatus", {
      nullable: true,
      description: "The provider's own word; null if none.",
    }),
    rawConclusion: t.exposeString("rawConclusion", {
      nullable: true,
      description: "The provider's own word for its end; null until then.",
    }),
    commitSha: t.exposeString("commitSha", { nullable: true, description: "Null when not told." }),
    branch: t.exposeString("branch", { nullable: true, description: "Null when not told, e.g. for a tag." }),
    event: t.exposeString("event", {
      nullable: true,
      description: "What started it, e.g. push; null when not told.",
    }),
    triggeredBy: t.exposeString("triggeredBy", {
      nullable: true,
      description: "Who started it; null when not told.",
    }),
    url: t.exposeString("url", {
      nullable: true,
      description: "Its page at the provider; null when not told.",
    }),
    deploymentUrl: t.exposeString("deploymentUrl", {
      nullable: true,
      description: "Where what it deployed runs; null when it deployed nothing.",
    }),
    testResults: t.expose("testResults", {
      type: "JSON",
      nullable: true,
      description: "Counts of its tests; null until reported.",
    }),
    startedAt: t.expose("startedAt", {
      type: "DateTime",
      nullable: true,
      description: "Null until it starts.",
    }),
    completedAt: t.expose("completedAt", {
      type: "DateTime",
      nullable: true,
      description: "Null until it ends.",
    }),
    createdAt: t.expose("createdAt", {
      type: "DateTime",
      description: "When the provider created it, or when it was first heard of; lists sort by it.",
    }),
    durationMs: t.float({
      nullable: true,
      description: "Milliseconds from start to end; null until it ends.",
      select: SPAN,
      resolve: durationMs,
    }),
    commit: t.loadable({
      type: Commit,
      nullable: true,
      description: "The commit; null when no delivery told of it. Two statements for all of a list.",
      ...visibleOne("Commit", commitsOf),
      ...keyed(COMMITTED, planned(commitOf)),
    }),
    pullRequests: t.loadableList({
      type: PullRequest,
      description: "Pull requests of its commit, newest first. Two statements for all of a list.",
      ...visibleMany("PullRequest", pullRequestsOf),
      ...keyed<Committed>(
        COMMITTED,
        planned((row) => commitOf(row) ?? `${row.repositoryId}:`),
      ),
    }),
    deployments: t.relation("deployments", {
      description: "What it deployed, newest first.",
      query: { orderBy: [{ createdAt: "desc" }, { id: "desc" }] },
    }),
    failureReason: t.loadable({
      type: "String",
      nullable: true,
      description:
        "One line: the failing job and step; null unless it failed. One statement for all of a list.",
      ...computed(failureReasons),
      resolve: (row) => row.id,
    }),
  }),
});

builder.prismaObjectField(PipelineExecution, "attempts", (t) =>
  t.loadableList({
    type: PipelineExecution,
    description:
      "All attempts of this run, oldest first, this one included. Two statements for all of a list.",
    ...visibleMany("PipelineExecution", attemptsOf),
    resolve: planned((row) => row.id),
  }),
);
