import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";

/** A folder of the test file's own, gone after its tests. */
export function tempFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "shiplog-agents-")));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function writeTree(folder: string, files: Readonly<Record<string, string | Buffer>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

export interface Person {
  readonly name: string;
  readonly email: string;
}

export const ADA: Person = { name: "Ada", email: "ada@example.org" };

/** Runs git as a person at a time, without the settings of this machine. */
export function git(folder: string, args: readonly string[], at = new Date(), person = ADA): string {
  const date = `${Math.floor(at.getTime() / 1000)} +0000`;
  return execFileSync("git", [...args], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin",
      HOME: "/nonexistent",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: person.name,
      GIT_AUTHOR_EMAIL: person.email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: person.name,
      GIT_COMMITTER_EMAIL: person.email,
      GIT_COMMITTER_DATE: date,
    },
  });
}

/** Writes the files and commits them. */
export function commit(
  folder: string,
  subject: string,
  files: Readonly<Record<string, string>>,
  at = new Date(),
  person = ADA,
): string {
  writeTree(folder, files);
  git(folder, ["add", "-A"]);
  git(folder, ["commit", "--quiet", "--allow-empty", "-m", subject], at, person);
  return git(folder, ["rev-parse", "HEAD"]).trim();
}

export function repository(): string {
  const folder = tempFolder();
  git(folder, ["init", "--quiet", "--initial-branch=main"]);
  return folder;
}

const DAY_MS = 86_400_000;

export function daysAgo(days: number): Date {
  return new Date(Date.now() - days * DAY_MS);
}
