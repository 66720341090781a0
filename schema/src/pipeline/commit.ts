import { commitKey } from "@shiplog/core/metrics";
import { builder } from "../builder.ts";
import { PullRequestState } from "../shared/enums.ts";
import { ID } from "../shared/node.ts";
import { visible } from "../shared/visible.ts";

/** What leads from a run or deployment to its commit. */
export const COMMITTED = { repositoryId: true, commitSha: true } as const;

export interface Committed {
  readonly repositoryId: string;
  readonly commitSha: string | null;
}

export function commitOf(row: Committed): string | null {
  return commitKey(row.repositoryId, row.commitSha);
}

const SHORT = 7;

export const PullRequest = builder.prismaNode("PullRequest", {
  id: ID,
  select: { id: true },
  description: "A pull request, known from deliveries.",
  fields: (t) => ({
    number: t.exposeInt("number", { description: "Its number in the repository." }),
    title: t.exposeString("title", { description: "Its title; empty until a delivery names it." }),
    state: t.expose("state", { type: PullRequestState, description: "Where it stands." }),
    draft: t.exposeBoolean("draft", { description: "It is marked as a draft." }),
    authorLogin: t.exposeString("authorLogin", {
      nullable: true,
      description: "Who opened it; null until told.",
    }),
    authorIsBot: t.exposeBoolean("authorIsBot", {
      description: "The author is a bot, by the provider's word.",
    }),
    headRef: t.exposeString("headRef", {
      nullable: true,
      description: "The branch it brings; null until told.",
    }),
    baseRef: t.exposeString("baseRef", {
      nullable: true,
      description: "The branch it goes to; null until told.",
    }),
    url: t.exposeString("url", { nullable: true, description: "Its page; null until told." }),
    additions: t.exposeInt("additions", { nullable: true, description: "Lines added; null until told." }),
    deletions: t.exposeInt("deletions", { nullable: true, description: "Lines removed; null until told." }),
    changedFiles: t.exposeInt("changedFiles", {
      nullable: true,
      description: "Files changed; null until told.",
    }),
    openedAt: t.expose("openedAt", { type: "DateTime", nullable: true, description: "Null until told." }),
    mergedAt: t.expose("mergedAt", { type: "DateTime", nullable: true, description: "Null unless merged." }),
    closedAt: t.expose("closedAt", { type: "DateTime", nullable: true, description: "Null while open." }),
    repository: t.relation("repository", { description: "Where it was opened." }),
  }),
});

export const Commit = builder.prismaNode("Commit", {
  id: ID,
  select: { id: true },
  description: "A commit that a delivery told of.",
  fields: (t) => ({
    sha: t.exposeString("sha", { description: "Its full hash." }),
    shortSha: t.string({
      description: `The first ${SHORT} digits.`,
      select: { sha: true },
      resolve: (row) => row.sha.slice(0, SHORT),
    }),
    message: t.exposeString("message", {
      nullable: true,
      description: "The whole message; null until told.",
    }),
    subject: t.string({
      nullable: true,
      description: "The message's first line; null until told.",
      select: { message: true },
      resolve: (row) => row.message?.split("\n", 1)[0] ?? null,
    }),
    authorName: t.exposeString("authorName", { nullable: true, description: "Null until told." }),
    authorLogin: t.exposeString("authorLogin", {
      nullable: true,
      description: "The author's account at the provider; null when it knows none.",
    }),
    url: t.exposeString("url", { nullable: true, description: "Its page; null until told." }),
    committedAt: t.expose("committedAt", {
      type: "DateTime",
      nullable: true,
      description: "Null until told.",
    }),
    repository: t.relation("repository", { description: "Where it lies." }),
    pullRequests: t.field({
      type: [PullRequest],
      description: "Pull requests that hold it, newest first.",
      extensions: visible("parent"),
      select: (_args, _ctx, nested) => ({
        pullRequests: {
          orderBy: { pullRequest: { number: "desc" } },
          select: { pullRequest: nested(true) as unknown as true },
        },
      }),
      resolve: (row) => row.pullRequests.map((link) => link.pullRequest),
    }),
  }),
});
