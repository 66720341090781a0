import type { AgentStepIO, Json } from "@shiplog/core";
import { ask, toJson } from "./ask.ts";
import type { HistoryFacts } from "./facts.ts";
import { THRESHOLDS } from "./thresholds.ts";
import { count } from "./words.ts";

interface GitAnswer {
  repository: { reason: string | null; branch: string | null; shallow: boolean };
  truncated: boolean;
}

type Log = GitAnswer & { commits: HistoryFacts["recent"] };
type Cadence = GitAnswer & { perWeek: HistoryFacts["perWeek"]; lastAt: string | null };
type Authors = GitAnswer & { authors: HistoryFacts["authors"]; people: number; commits: number };

const REASONS: Record<string, string> = {
  no_folder: "there is no folder",
  not_a_repository: "the folder is not a git repository",
  outside: "its git data lies outside the workspace",
  no_commits: "the repository has no commits",
  git_missing: "git is not installed here",
};

export function reasonText(reason: string): string {
  return REASONS[reason] ?? reason;
}

/** The recent window when anything happened in it, else all of the history. */
async function readAuthors(io: AgentStepIO): Promise<{ answer: Authors; windowDays: number | null } | null> {
  const recent = await ask<Authors>(io, "git", "authors", { sinceDays: THRESHOLDS.windowDays });
  if (recent.available && recent.commits > 0) return { answer: recent, windowDays: THRESHOLDS.windowDays };
  const all = await ask<Authors>(io, "git", "authors", {});
  return all.available ? { answer: all, windowDays: null } : null;
}

export async function readHistory(io: AgentStepIO): Promise<Json> {
  const log = await ask<Log>(io, "git", "log", { limit: THRESHOLDS.recentCommits });
  if (!log.available) return toJson(log);
  const { reason, branch, shallow } = log.repository;
  if (reason !== null) {
    await io.message("assistant", `There is no history to read: ${reasonText(reason)}.`);
    return toJson({ available: false, reason });
  }
  const cadence = await ask<Cadence>(io, "git", "cadence", { weeks: THRESHOLDS.cadenceWeeks });
  const authors = await readAuthors(io);
  const facts: HistoryFacts = {
    reason,
    branch,
    shallow,
    truncated:
      log.truncated || (cadence.available && cadence.truncated) || (authors?.answer.truncated ?? false),
    recent: log.commits,
    perWeek: cadence.available ? cadence.perWeek : [],
    lastAt: cadence.available ? cadence.lastAt : (log.commits[0]?.at ?? null),
    authors: authors?.answer.authors ?? [],
    people: authors?.answer.people ?? 0,
    commits: authors?.answer.commits ?? 0,
    windowDays: authors?.windowDays ?? null,
  };
  const period = facts.windowDays === null ? "in all" : `in the last ${facts.windowDays} days`;
  await io.message(
    "assistant",
    `Read the history: ${count(facts.commits, "commit")} by ${count(facts.people, "person", "people")} ${period}.`,
  );
  return toJson({ available: true, ...facts });
}
