import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const LINUX = process.platform === "linux";

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Tells a process from a later one that got the same pid, across reboots too; null when there is none. */
export async function identity(pid: number): Promise<string | null> {
  if (!exists(pid)) return null;
  try {
    if (!LINUX) return (await run("ps", ["-o", "lstart=", "-p", String(pid)])).stdout.trim() || null;
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    // The name in parentheses may hold spaces; what follows it is state (3rd) … starttime (22nd field).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? null : `${boot.trim()}/${fields[19]}`;
  } catch {
    return null;
  }
}

/** Whether the process is a postgres that serves this data directory; a dead or foreign process is not. */
export async function isPostgresOf(pid: number, dataDir: string): Promise<boolean> {
  try {
    if (!LINUX) {
      const { stdout } = await run("ps", ["-o", "command=", "-p", String(pid)]);
      return stdout.includes("postgres") && stdout.includes(dataDir);
    }
    const [exe, cwd] = await Promise.all([readlink(`/proc/${pid}/exe`), readlink(`/proc/${pid}/cwd`)]);
    return (
      basename(exe.replace(/ \(deleted\)$/, "")) === "postgres" &&
      cwd.replace(/ \(deleted\)$/, "") === dataDir
    );
  } catch {
    return false;
  }
}

/** Every process of this data directory's server; where there is no /proc, only `postmaster` is looked at. */
export async function postgresProcesses(dataDir: string, postmaster: number | null): Promise<number[]> {
  const candidates = LINUX
    ? (await readdir("/proc")).map(Number).filter(Number.isInteger)
    : [postmaster].filter((pid) => pid !== null);
  const checked = await Promise.all(
    candidates.map(async (pid) => ((await isPostgresOf(pid, dataDir)) ? pid : 0)),
  );
  return checked.filter((pid) => pid > 0);
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended in between.
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Polls until `done` says so; false when the time is up first. */
export async function waitUntil(done: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    if (await done()) return true;
    if (performance.now() >= end) return false;
    await sleep(15);
  }
}
