import { commitsOf } from "@shiplog/core/metrics";
import { builder } from "../builder.ts";
import { keyed } from "../shared/batch.ts";
import { DeploymentStatus } from "../shared/enums.ts";
import { ID } from "../shared/node.ts";
import { planned, visibleOne } from "../shared/visible.ts";
import { COMMITTED, Commit, commitOf } from "./commit.ts";

builder.prismaNode("Environment", {
  id: ID,
  select: { id: true },
  description: "Where a project is deployed to, known since its first deployment.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "As the provider names it, e.g. production." }),
    isProduction: t.exposeBoolean("isProduction", {
      nullable: true,
      description: "By the provider's word; null when it does not say.",
    }),
  }),
});

export const Deployment = builder.prismaNode("Deployment", {
  id: ID,
  select: { id: true },
  description: "One attempt to bring a commit to an environment.",
  fields: (t) => ({
    project: t.relation("project", { description: "Whose it is." }),
    repository: t.relation("repository", { description: "What was deployed." }),
    environment: t.relation("environment", { description: "Where to." }),
    pipeline: t.relation("pipeline", {
      nullable: true,
      description: "The pipeline that deployed; null when none is known.",
    }),
    status: t.expose("status", { type: DeploymentStatus, description: "Where it stands." }),
    rawStatus: t.exposeString("rawStatus", {
      nullable: true,
      description: "The provider's own word; null before the first status.",
    }),
    commitSha: t.exposeString("commitSha", {
      nullable: true,
      description: "Null when the provider named none.",
    }),
    commit: t.loadable({
      type: Commit,
      nullable: true,
      description: "The commit; null when no delivery told of it. Two statements for all of a list.",
      ...visibleOne("Commit", commitsOf),
      ...keyed(COMMITTED, planned(commitOf)),
    }),
    ref: t.exposeString("ref", {
      nullable: true,
      description: "The branch or tag that was named; null when none.",
    }),
    task: t.exposeString("task", {
      nullable: true,
      description: "The provider's task, e.g. deploy; null when none.",
    }),
    description: t.exposeString("description", {
      nullable: true,
      description: "In the words of whoever deployed; null when none.",
    }),
    creatorLogin: t.exposeString("creatorLogin", {
      nullable: true,
      description: "Who deployed, at the provider; null when unknown.",
    }),
    url: t.exposeString("url", { nullable: true, description: "Where the result runs; null when not told." }),
    logUrl: t.exposeString("logUrl", {
      nullable: true,
      description: "Where its log is; null when not told.",
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
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was asked for." }),
  }),
});
