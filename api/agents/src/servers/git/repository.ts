import { lstatSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { ToolError } from "../shared/tool.ts";

/** Why there is no history to read. */
export type NoHistory = "no_folder" | "not_a_repository" | "outside" | "no_commits" | "git_missing";

export interface Repository {
  /** PATH of git and its helpers. */
  readonly searchPath: string;
  readonly gitDir: string;
  /** Folder that holds `.git`. */
  readonly top: string;
  /** The read folder inside `top`, "" when it is `top` itself. */
  readonly prefix: string;
  readonly shallow: boolean;
  /** A clone without all file contents, which it would fetch on demand; here it may not. */
  readonly partial: boolean;
}

export interface Place {
  readonly root: string;
  /** The folder above which no repository is looked for. */
  readonly ceiling: string;
  readonly searchPath: string;
}

function isBeneath(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function kind(path: string): "file" | "folder" | "link" | "none" {
  try {
    const stats = lstatSync(path);
    return stats.isSymbolicLink() ? "link" : stats.isDirectory() ? "folder" : "file";
  } catch {
    return "none";
  }
}

/** The folder with a `.git`, from `start` upwards, not above `ceiling`. */
function findTop(start: string, ceiling: string): string | null {
  for (let folder = start; isBeneath(folder, ceiling); folder = dirname(folder)) {
    if (kind(join(folder, ".git")) !== "none") return folder;
    if (folder === ceiling) return null;
  }
  return null;
}

function firstLine(path: string): string | null {
  if (kind(path) !== "file" || lstatSync(path).size > 4_096) return null;
  return readFileSync(path, "utf8").split("\n")[0]?.trim() ?? null;
}

/** Resolves `.git` itself, or what a `.git` file of a linked work tree names. */
function gitDirOf(top: string): string | null {
  const path = join(top, ".git");
  if (kind(path) === "folder") return path;
  const named = firstLine(path)?.match(/^gitdir: (.+)$/u)?.[1];
  return named === undefined ? null : resolve(top, named);
}

const PARTS = [
  "objects",
  "objects/pack",
  "objects/info",
  "refs",
  "refs/heads",
  "HEAD",
  "packed-refs",
  "config",
];

/**
 * A repository can lend itself the objects and refs of another by links, a `.git` file, `commondir` or
 * alternates. All of them must stay below the ceiling, or the history of a foreign repository could be read.
 */
function isSelfContained(gitDir: string, shared: string, ceiling: string): boolean {
  const real = realOrNull(gitDir);
  if (real === null || !isBeneath(real, ceiling)) return false;
  const realShared = realOrNull(shared);
  if (realShared === null || !isBeneath(realShared, ceiling)) return false;
  const linked = [gitDir, shared].some((folder) => PARTS.some((part) => kind(join(folder, part)) === "link"));
  return !linked && kind(join(shared, "objects", "info", "alternates")) === "none";
}

/** Where a linked work tree keeps what it shares with the others. */
function sharedDirOf(gitDir: string): string {
  const common = firstLine(join(gitDir, "commondir"));
  return common === null ? gitDir : resolve(gitDir, common);
}

function isPartial(shared: string): boolean {
  try {
    return readdirSync(join(shared, "objects", "pack")).some((name) => name.endsWith(".promisor"));
  } catch {
    return false;
  }
}

function realOrNull(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/** Finds the repository of a folder by reading names only; git does not run before this has agreed. */
export function findRepository({ root, ceiling, searchPath }: Place): Repository | NoHistory {
  const start = realOrNull(root);
  if (start === null) return "no_folder";
  // The path was resolved by who gave it; a link in it by now leads to another folder.
  if (start !== root) return "outside";
  const realCeiling = realOrNull(ceiling);
  const limit = realCeiling !== null && isBeneath(start, realCeiling) ? realCeiling : start;
  const top = findTop(start, limit);
  if (top === null) return "not_a_repository";
  const gitDir = gitDirOf(top);
  if (gitDir === null) return "outside";
  const shared = sharedDirOf(gitDir);
  if (!isSelfContained(gitDir, shared, limit)) return "outside";
  if (kind(join(gitDir, "HEAD")) === "none") return "not_a_repository";
  return {
    searchPath,
    gitDir,
    top,
    prefix: relative(top, start),
    shallow: kind(join(shared, "shallow")) === "file",
    partial: isPartial(shared),
  };
}

/** A path that a caller names, relative to the read folder, as a pathspec without magic. */
export function literalPath(path: string): string {
  const parts = path.split("/");
  const bad = parts.some(
    (part) => part === "" || part === "." || part === ".." || part === ".git" || part.includes("\0"),
  );
  if (bad || isAbsolute(path))
    throw new ToolError(`${JSON.stringify(path)}: not a path relative to the root`);
  return path;
}
