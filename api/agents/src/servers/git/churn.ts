import { z } from "zod";
import { fitting } from "../shared/fit.ts";
import { defineTool } from "../shared/tool.ts";
import { readLog } from "./history.ts";
import { isoTime } from "./log.ts";
import type { CommitRecord } from "./parse.ts";
import type { Place } from "./repository.ts";

/** A commit of more files is an import, a move or a format run: it says nothing about one file. */
const MASS_CHANGE_FILES = 300;
const TRACKED_FILES = 50_000;

interface Churn {
  commits: number;
  added: number;
  removed: number;
  readonly authors: Set<string>;
  last: number;
}

class ChurnTable {
  readonly #files = new Map<string, Churn>();
  commits = 0;
  massChanges = 0;

  add(commit: CommitRecord): void {
    this.commits++;
    if (commit.files > MASS_CHANGE_FILES) {
      this.massChanges++;
      return;
    }
    for (const { path, added, removed } of commit.changes) {
      const churn = this.#file(path);
      if (churn === null) continue;
      churn.commits++;
      churn.added += added ?? 0;
      churn.removed += removed ?? 0;
      churn.authors.add(commit.identity);
      churn.last = Math.max(churn.last, commit.at);
    }
  }

  #file(path: string): Churn | null {
    const known = this.#files.get(path);
    if (known) return known;
    if (this.#files.size >= TRACKED_FILES) return null;
    const fresh = { commits: 0, added: 0, removed: 0, authors: new Set<string>(), last: 0 };
    this.#files.set(path, fresh);
    return fresh;
  }

  top(limit: number) {
    const rows = [...this.#files]
      .filter(([path]) => path.length <= 200)
      .sort(([, a], [, b]) => b.commits - a.commits || b.added + b.removed - a.added - a.removed)
      .slice(0, limit)
      .map(([path, churn]) => ({
        path,
        commits: churn.commits,
        added: churn.added,
        removed: churn.removed,
        authors: churn.authors.size,
        lastAt: isoTime(churn.last),
      }));
    return fitting(rows);
  }
}

export function churnTool(place: Place) {
  return defineTool({
    name: "churn",
    description:
      "How often each file changed: commits, added and removed lines, number of authors, last change; most changed " +
      `first. Merges are left out, and commits of more than ${MASS_CHANGE_FILES} files are only counted.`,
    input: z.strictObject({
      sinceDays: z.int().min(1).max(3_650).optional(),
      maxCommits: z.int().min(1).max(5_000).default(1_000),
      limit: z.int().min(1).max(200).default(100),
    }),
    async run({ sinceDays, maxCommits, limit }, signal) {
      const table = new ChurnTable();
      const query = { maxCommits, sinceDays, changes: true, merges: false };
      const end = await readLog(place, query, signal, (commit) => table.add(commit));
      return { ...end, commits: table.commits, massChanges: table.massChanges, files: table.top(limit) };
    },
  });
}
