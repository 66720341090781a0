import type { NormalizedEvent, PullRequestCommitEvent, PullRequestFields } from "@shiplog/core/pipeline";
import { z } from "zod";
import { account, count, flag, line, maybe, read, sha, time, told, url } from "./fields.ts";
import { repository, repositoryEvent } from "./repository.ts";

const ref = maybe(z.object({ ref: line, sha }));

const pull = z.object({
  number: z
    .number()
    .int()
    .min(1)
    .max(2 ** 31 - 1),
  title: line,
  state: line,
  draft: flag,
  merged: flag,
  merged_at: time,
  merge_commit_sha: sha,
  html_url: url,
  head: ref,
  base: ref,
  additions: count,
  deletions: count,
  changed_files: count,
  user: maybe(account),
  created_at: time,
  updated_at: time,
  closed_at: time,
});

const schema = z.object({ pull_request: pull, repository });

type Pull = z.output<typeof pull>;

/** Merged is for good; open and closed alternate, so among those two the newest delivery tells. */
const RANK = { open: 10, closed: 10, merged: 20 } as const;

export function pullRequest(payload: unknown): NormalizedEvent[] {
  const { pull_request, repository: repo } = read(schema, payload);
  const state = stateOf(pull_request);
  return [
    repositoryEvent(repo),
    {
      entity: "pullRequest",
      number: pull_request.number,
      rank: RANK[state],
      time: pull_request.updated_at,
      fields: { ...fieldsOf(pull_request, state), state },
    },
    ...links(pull_request, state),
  ];
}

function stateOf(pull: Pull): PullRequestFields["state"] {
  if (pull.merged === true || pull.merged_at !== null) return "merged";
  return pull.state === "closed" ? "closed" : "open";
}

function fieldsOf(pull: Pull, state: PullRequestFields["state"]): Partial<PullRequestFields> {
  return {
    ...told({
      title: pull.title,
      draft: pull.draft,
      authorLogin: pull.user?.login ?? null,
      authorIsBot: pull.user ? pull.user.type === "Bot" : null,
      headRef: pull.head?.ref ?? null,
      headSha: pull.head?.sha ?? null,
      baseRef: pull.base?.ref ?? null,
      additions: pull.additions,
      deletions: pull.deletions,
      changedFiles: pull.changed_files,
      url: pull.html_url,
      openedAt: pull.created_at,
      mergedAt: pull.merged_at,
    }),
    // Open ones name the trial merge here.
    mergeCommitSha: state === "merged" ? pull.merge_commit_sha : null,
    // Null again when it is reopened.
    closedAt: pull.closed_at,
  };
}

/** Stated by the provider, so certain: the head of that moment, and the commit that merged it. */
function links(pull: Pull, state: PullRequestFields["state"]): PullRequestCommitEvent[] {
  const { number } = pull;
  const of = (sha: string | null | undefined, method: "head" | "merge"): PullRequestCommitEvent[] =>
    sha ? [{ entity: "pullRequestCommit", number, sha, method, confidence: 1 }] : [];
  return [...of(pull.head?.sha, "head"), ...(state === "merged" ? of(pull.merge_commit_sha, "merge") : [])];
}
