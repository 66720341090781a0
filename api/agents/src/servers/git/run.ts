import { spawn } from "node:child_process";
import { ToolError } from "../shared/tool.ts";
import type { Repository } from "./repository.ts";

const TIME_CAP_MS = 20_000;
const OUTPUT_CAP = 64 * 1024 * 1024;

/**
 * Settings that a hostile `.git/config` may not choose. What can run a program: fsmonitor, hooks, signature
 * checks, pagers, transports of a lazy fetch, text conversion (see also the options of `log`).
 */
const SETTINGS = [
  "core.fsmonitor=false",
  "core.hooksPath=/dev/null",
  "core.pager=cat",
  "core.editor=false",
  "core.askPass=false",
  "core.sshCommand=false",
  "core.gitProxy=false",
  "core.attributesFile=/dev/null",
  "core.excludesFile=/dev/null",
  "credential.helper=",
  "diff.orderFile=/dev/null",
  "diff.ignoreSubmodules=all",
  "gpg.program=false",
  "gpg.ssh.program=false",
  "gpg.x509.program=false",
  "log.showSignature=false",
  "log.follow=false",
  "mailmap.file=/dev/null",
  "protocol.allow=never",
  "submodule.recurse=false",
];

/** The whole environment of git. GIT_DIR is given, so git neither searches for a repository nor trusts one. */
function environment(repository: Repository): Record<string, string> {
  return {
    PATH: repository.searchPath,
    LC_ALL: "C",
    HOME: "/nonexistent",
    GIT_DIR: repository.gitDir,
    GIT_WORK_TREE: repository.top,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_NO_LAZY_FETCH: "1",
    // Over every protocol.*.allow of the repository's own config: no transport at all.
    GIT_ALLOW_PROTOCOL: "none",
    GIT_PAGER: "cat",
  };
}

export interface GitEnd {
  /** Null when git was stopped: by `onData` answering false, the time cap or the output cap. */
  readonly code: number | null;
  readonly stopped: "enough" | "time" | "output" | null;
  readonly stderr: string;
}

/**
 * Runs git with a fixed argv and hands its output on in pieces; `onData` answers false when it has enough.
 * Callers pass user input only behind `--` or as a validated number.
 */
export async function runGit(
  repository: Repository,
  args: readonly string[],
  signal: AbortSignal,
  onData: (chunk: Buffer) => boolean,
): Promise<GitEnd> {
  if (signal.aborted) throw new ToolError("cancelled");
  const argv = ["--no-pager", ...SETTINGS.flatMap((setting) => ["-c", setting]), ...args];
  const child = spawn("git", argv, {
    cwd: repository.prefix === "" ? repository.top : `${repository.top}/${repository.prefix}`,
    env: environment(repository),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stopped: GitEnd["stopped"] = null;
  let bytes = 0;
  let stderr = "";
  const stop = (reason: GitEnd["stopped"]) => {
    stopped ??= reason;
    child.kill("SIGKILL");
  };
  const timer = setTimeout(() => stop("time"), TIME_CAP_MS);
  const onAbort = () => stop("enough");
  signal.addEventListener("abort", onAbort, { once: true });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-2_000);
  });
  child.stdout.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (stopped !== null) return;
    if (bytes > OUTPUT_CAP) stop("output");
    else if (!onData(chunk)) stop("enough");
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (signal.aborted) throw new ToolError("cancelled");
    return { code, stopped, stderr };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
