import { z } from "zod";
import { fitting } from "../shared/fit.ts";
import { defineTool } from "../shared/tool.ts";
import { readLog } from "./history.ts";
import { isoTime } from "./log.ts";
import type { CommitRecord } from "./parse.ts";
import type { Place } from "./repository.ts";

const KEPT = 50;

interface Author {
  name: string;
  commits: number;
  first: number;
  last: number;
}

function add(authors: Map<string, Author>, commit: CommitRecord): void {
  const known = authors.get(commit.identity);
  if (known) {
    known.commits++;
    known.first = Math.min(known.first, commit.at);
    known.last = Math.max(known.last, commit.at);
  } else {
    authors.set(commit.identity, { name: commit.author, commits: 1, first: commit.at, last: commit.at });
  }
}

export function authorsTool(place: Place) {
  return defineTool({
    name: "authors",
    description:
      "Who committed how much, merges left out: name, commits, first and last commit; most commits first. People " +
      "are told apart by e-mail (after .mailmap), which is not part of the answer.",
    input: z.strictObject({
      sinceDays: z.int().min(1).max(3_650).optional(),
      maxCommits: z.int().min(1).max(20_000).default(5_000),
    }),
    async run({ sinceDays, maxCommits }, signal) {
      const authors = new Map<string, Author>();
      let commits = 0;
      const query = { maxCommits, sinceDays, changes: false, merges: false };
      const end = await readLog(place, query, signal, (commit) => {
        commits++;
        add(authors, commit);
      });
      const top = [...authors.values()]
        .sort((a, b) => b.commits - a.commits || (a.name < b.name ? -1 : 1))
        .slice(0, KEPT)
        .map(({ first, last, ...author }) => ({ ...author, firstAt: isoTime(first), lastAt: isoTime(last) }));
      return { ...end, commits, people: authors.size, authors: fitting(top) };
    },
  });
}
