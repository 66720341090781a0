import type { Commit } from "@shiplog/db";
import { linkCommits } from "../../activity/index.ts";
import { type FoldKeys, fold } from "../fold.ts";
import type { CommitEvent, CommitFields, PullRequestCommitEvent } from "../normalized.ts";
import { byIdentity, pick, type Scope } from "./scope.ts";

const FIELDS = [
  "message",
  "authorName",
  "authorEmail",
  "authorLogin",
  "branch",
  "url",
  "filesChanged",
  "committedAt",
] as const satisfies readonly (keyof CommitFields)[];

const NOTHING: CommitFields = {
  message: null,
  authorName: null,
  authorEmail: null,
  authorLogin: null,
  branch: null,
  url: null,
  filesChanged: null,
  committedAt: null,
};

/**
 * Folds commits and makes bare ones of `mentioned` shas; answers sha -> id. Four statements for any number of new
 * commits (the last two link AI activity that named them before), one more for each known one that learns something.
 */
export async function foldCommits(
  scope: Scope,
  events: readonly CommitEvent[],
  mentioned: readonly string[],
): Promise<Map<string, string>> {
  const told = byIdentity(events, (event) => event.sha);
  const shas = [...new Set([...told.keys(), ...mentioned])];
  if (shas.length === 0) return new Map();
  const { tx, repository, bodyHash } = scope;
  const rows = await tx.db.commit.findMany({ where: { repositoryId: repository.id, sha: { in: shas } } });
  const known = new Map(rows.map((row) => [row.sha, row]));
  const ids = new Map(rows.map((row) => [row.sha, row.id]));
  const created = [];
  for (const sha of shas) {
    const row: Commit | undefined = known.get(sha);
    const before = row ? pick(row, FIELDS) : NOTHING;
    const folded = fold<CommitFields>(before, (row?.fold ?? {}) as FoldKeys, told.get(sha) ?? [], bodyHash);
    const data = { ...folded.values, fold: folded.keys };
    if (!row) {
      const id = tx.newId();
      ids.set(sha, id);
      created.push({ id, repositoryId: repository.id, sha, createdAt: tx.clock.now(), ...data });
    } else if (folded.moved) {
      await tx.db.commit.update({ where: { id: row.id }, data });
    }
  }
  if (created.length > 0) await tx.db.commit.createMany({ data: created });
  await linkCommits(
    tx,
    scope.projectId,
    created.map((commit) => commit.sha),
  );
  return ids;
}

/** Links pull requests and commits; of two ways to know the same link, the surer one stays. */
export async function linkPullRequests(
  scope: Scope,
  events: readonly PullRequestCommitEvent[],
  pullRequests: ReadonlyMap<number, string>,
  commits: ReadonlyMap<string, string>,
): Promise<void> {
  for (const { number, sha, method, confidence } of events) {
    const pullRequestId = pullRequests.get(number);
    const commitId = commits.get(sha);
    if (!pullRequestId || !commitId)
      throw new Error("a link to a pull request that the delivery does not carry");
    const key = { pullRequestId_commitId: { pullRequestId, commitId } };
    const link = await scope.tx.db.pullRequestCommit.findUnique({ where: key });
    if (!link) {
      await scope.tx.db.pullRequestCommit.create({ data: { pullRequestId, commitId, method, confidence } });
    } else if (confidence > link.confidence || (confidence === link.confidence && method > link.method)) {
      await scope.tx.db.pullRequestCommit.update({ where: key, data: { method, confidence } });
    }
  }
}
