import type { CommitEvent, NormalizedEvent } from "@shiplog/core/pipeline";
import { z } from "zod";
import { flag, latest, line, maybe, read, sha, text, time, told, url } from "./fields.ts";
import { repository, repositoryEvent } from "./repository.ts";

const paths = z.array(z.string()).nullish().catch(null);

const commit = z.object({
  id: sha,
  message: text,
  timestamp: time,
  url,
  author: maybe(z.object({ name: line, email: line, username: line })),
  added: paths,
  removed: paths,
  modified: paths,
});

const schema = z.object({
  ref: line,
  deleted: flag,
  commits: z.array(commit).nullish(),
  head_commit: maybe(commit),
  repository,
});

type Commit = z.output<typeof commit>;

/** The commits of a push, on its branch; a tag or a deleted ref names no branch. */
export function push(payload: unknown): NormalizedEvent[] {
  const { ref, commits, head_commit, repository: repo } = read(schema, payload);
  const branch = /^refs\/heads\/(.+)$/.exec(ref ?? "")?.[1] ?? null;
  const all = [...(commits ?? []), ...(head_commit ? [head_commit] : [])];
  const bySha = new Map(all.map((commit) => [commit.id, commit]));
  const pushedAt = latest(repo.pushed_at, repo.updated_at);
  const events = [...bySha.values()].flatMap((commit) => commitEvent(commit, branch, pushedAt));
  return [repositoryEvent(repo), ...events];
}

function commitEvent(commit: Commit, branch: string | null, pushedAt: Date | null): CommitEvent[] {
  if (!commit.id) return [];
  const { added, removed, modified } = commit;
  const filesChanged = added && removed && modified ? added.length + removed.length + modified.length : null;
  return [
    {
      entity: "commit",
      sha: commit.id,
      rank: 10,
      time: pushedAt ?? commit.timestamp,
      fields: told({
        message: commit.message,
        authorName: commit.author?.name ?? null,
        authorEmail: commit.author?.email ?? null,
        authorLogin: commit.author?.username ?? null,
        branch,
        url: commit.url,
        filesChanged,
        committedAt: commit.timestamp,
      }),
    },
  ];
}
