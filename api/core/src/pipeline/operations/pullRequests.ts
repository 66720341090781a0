import type { PullRequest } from "@shiplog/db";
import { type FoldKeys, fold } from "../fold.ts";
import type { PullRequestEvent, PullRequestFields } from "../normalized.ts";
import { byIdentity, pick, type Scope } from "./scope.ts";

const NEW: PullRequestFields = {
  title: "",
  state: "open",
  draft: false,
  authorLogin: null,
  authorIsBot: false,
  headRef: null,
  headSha: null,
  baseRef: null,
  mergeCommitSha: null,
  additions: null,
  deletions: null,
  changedFiles: null,
  url: null,
  openedAt: null,
  closedAt: null,
  mergedAt: null,
};
const FIELDS = Object.keys(NEW) as (keyof PullRequestFields)[];

/** Folds pull requests; answers number -> id. */
export async function foldPullRequests(
  scope: Scope,
  events: readonly PullRequestEvent[],
): Promise<Map<number, string>> {
  const { db } = scope.tx;
  const repositoryId = scope.repository.id;
  const ids = new Map<number, string>();
  for (const patches of byIdentity(events, (event) => String(event.number)).values()) {
    const number = patches[0]?.number ?? 0;
    const row: PullRequest | null = await db.pullRequest.findUnique({
      where: { repositoryId_number: { repositoryId, number } },
    });
    const before = row ? pick(row, FIELDS) : NEW;
    const folded = fold<PullRequestFields>(before, (row?.fold ?? {}) as FoldKeys, patches, scope.bodyHash);
    const data = { ...folded.values, fold: folded.keys };
    const id = row?.id ?? scope.tx.newId();
    ids.set(number, id);
    if (!row) {
      await db.pullRequest.create({
        data: { id, repositoryId, number, createdAt: scope.tx.clock.now(), ...data },
      });
    } else if (folded.moved) {
      await db.pullRequest.update({ where: { id }, data });
    }
  }
  return ids;
}
