import { type CommitRecord, FORMAT, LogParser } from "./parse.ts";
import { findRepository, type NoHistory, type Place, type Repository } from "./repository.ts";
import { runGit } from "./run.ts";

export interface LogQuery {
  readonly maxCommits: number;
  readonly sinceDays?: number;
  /** A checked path relative to the read folder. */
  readonly path?: string;
  readonly changes: boolean;
  readonly merges: boolean;
}

interface RepositoryState {
  readonly state: "ok" | "none";
  /** Why there is no history; null when there is. */
  readonly reason: NoHistory | null;
  readonly branch: string | null;
  /** Older commits are missing here. */
  readonly shallow: boolean;
}

export interface LogEnd {
  readonly repository: RepositoryState;
  /** A cap or a damaged object ended the reading; what was read so far is right. */
  readonly truncated: boolean;
  /** False in a clone without file contents: added and removed lines are unknown. */
  readonly linesKnown: boolean;
}

const DAY_MS = 86_400_000;
/** Nothing in a repository's settings may add programs, colour, signatures or renames to the output. */
const FIXED = [
  "-z",
  "--no-color",
  "--no-ext-diff",
  "--no-textconv",
  "--no-show-signature",
  "--no-renames",
  "--no-notes",
  "--no-decorate",
  "--encoding=UTF-8",
  "--ignore-submodules=all",
  "-O/dev/null",
];

function none(reason: NoHistory): RepositoryState {
  return { state: "none", reason, branch: null, shallow: false };
}

async function textOf(repository: Repository, args: string[], signal: AbortSignal): Promise<string | null> {
  const chunks: Buffer[] = [];
  const { code } = await runGit(repository, args, signal, (chunk) => chunks.push(chunk) < 100);
  return code === 0 ? Buffer.concat(chunks).toString("utf8").trim() : null;
}

/** The repository of the place, and its state; no history is an answer, not an error. */
async function openHistory(
  place: Place,
  signal: AbortSignal,
): Promise<{ repository: Repository | null; state: RepositoryState }> {
  const found = findRepository(place);
  if (typeof found === "string") return { repository: null, state: none(found) };
  try {
    const head = await textOf(found, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], signal);
    if (head === null) return { repository: null, state: none("no_commits") };
    const branch = await textOf(found, ["symbolic-ref", "--quiet", "--short", "HEAD"], signal);
    const state = {
      state: "ok",
      reason: null,
      branch: branch?.slice(0, 200) ?? null,
      shallow: found.shallow,
    } as const;
    return { repository: found, state };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return { repository: null, state: none("git_missing") };
  }
}

function logArgs(repository: Repository, query: LogQuery, changes: string[]): string[] {
  const since = query.sinceDays === undefined ? [] : [`--since=${isoDaysAgo(query.sinceDays)}`];
  const inside = repository.prefix !== "";
  const paths = query.path ?? (inside ? "." : null);
  return [
    "log",
    ...FIXED,
    inside ? "--relative" : "--no-relative",
    ...(query.merges ? [] : ["--no-merges"]),
    ...changes,
    FORMAT,
    `--max-count=${query.maxCommits}`,
    ...since,
    "HEAD",
    "--",
    ...(paths === null ? [] : [paths]),
  ];
}

function isoDaysAgo(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString();
}

/** Hands every commit of the query to `onCommit`, newest first. */
export async function readLog(
  place: Place,
  query: LogQuery,
  signal: AbortSignal,
  onCommit: (commit: CommitRecord) => void,
): Promise<LogEnd> {
  const { repository, state } = await openHistory(place, signal);
  if (repository === null) return { repository: state, truncated: false, linesKnown: true };
  const linesKnown = !repository.partial;
  const changes = !query.changes ? [] : linesKnown ? ["--numstat"] : ["--raw", "--no-abbrev"];
  const parser = new LogParser(onCommit);
  const end = await runGit(repository, logArgs(repository, query, changes), signal, (chunk) => {
    parser.push(chunk);
    return true;
  });
  if (end.code === 0) parser.end();
  return { repository: state, truncated: end.code !== 0, linesKnown };
}
