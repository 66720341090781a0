import { z } from "zod";
import { fitting } from "../shared/fit.ts";
import { defineTool } from "../shared/tool.ts";
import { readLog } from "./history.ts";
import type { CommitRecord } from "./parse.ts";
import { literalPath, type Place } from "./repository.ts";

function entry(commit: CommitRecord) {
  return {
    sha: commit.sha,
    at: isoTime(commit.at),
    author: commit.author,
    subject: commit.subject,
    merge: commit.merge,
    files: commit.files,
    added: commit.added,
    removed: commit.removed,
  };
}

/** Null for a time that no calendar holds; git stores whatever a commit says. */
export function isoTime(seconds: number): string | null {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

export function logTool(place: Place) {
  return defineTool({
    name: "log",
    description:
      "The newest commits of HEAD, of one file or folder if `path` is given: time, author, subject, number of " +
      "changed files and lines.",
    input: z.strictObject({
      limit: z.int().min(1).max(200).default(50),
      path: z.string().min(1).max(1_024).optional(),
    }),
    async run({ limit, path }, signal) {
      const commits: ReturnType<typeof entry>[] = [];
      const query = {
        maxCommits: limit,
        changes: true,
        merges: true,
        path: path === undefined ? undefined : literalPath(path),
      };
      const end = await readLog(place, query, signal, (commit) => commits.push(entry(commit)));
      return { ...end, commits: fitting(commits) };
    },
  });
}
