import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { EmbeddedLog } from "./log.ts";
import { isPostgresOf, postgresProcesses, signal, waitUntil } from "./processes.ts";

export interface Postmaster {
  readonly pid: number;
  /** "starting", "ready", "stopping", … */
  readonly status: string;
}

/** What the server last wrote about itself; null when it ended in order or never ran. */
export function readPostmaster(cluster: string): Postmaster | null {
  try {
    const lines = readFileSync(join(cluster, "postmaster.pid"), "utf8").split("\n");
    const pid = Math.abs(Number(lines[0]));
    return pid > 0 ? { pid, status: lines[7]?.trim() ?? "" } : null;
  } catch {
    return null;
  }
}

const ESCALATION = [
  // Fast shutdown: rolls back, writes a checkpoint, nothing to recover.
  ["SIGINT", 4_000],
  // Immediate: the next start recovers from the log.
  ["SIGQUIT", 3_000],
  ["SIGKILL", 5_000],
] as const;

/**
 * Ends what an earlier process left running on this cluster, and only that: a process counts when it is a
 * postgres whose working directory is this cluster. Afterwards a new server can start.
 */
export async function endOrphan(cluster: string, log: EmbeddedLog): Promise<void> {
  const last = readPostmaster(cluster);
  if (!last) return;
  if (await isPostgresOf(last.pid, cluster)) {
    log.info({ pid: last.pid }, "ending the PostgreSQL that an earlier run left behind");
    for (const [name, patience] of ESCALATION) {
      signal(last.pid, name);
      // A stopped process takes no other signal until it goes on.
      signal(last.pid, "SIGCONT");
      if (await waitUntil(async () => !(await isPostgresOf(last.pid, cluster)), patience)) break;
    }
  }
  await endBackends(cluster, last.pid);
  // Its pid may belong to a stranger by now, and PostgreSQL would take that for a running server.
  rmSync(join(cluster, "postmaster.pid"), { force: true });
}

/** Without their postmaster backends end by themselves, but a busy one only after its query. */
async function endBackends(cluster: string, postmaster: number): Promise<void> {
  const left = () => postgresProcesses(cluster, postmaster);
  for (const name of [null, "SIGQUIT", "SIGKILL"] as const) {
    if (name) for (const pid of await left()) signal(pid, name);
    if (await waitUntil(async () => (await left()).length === 0, 1_500)) return;
  }
}
