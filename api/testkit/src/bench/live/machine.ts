import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, getPriority, setPriority } from "node:os";

/** The servers have a core to themselves; the load, the database and this program share the other. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

const TASKSET = "taskset";

const canPin = availableParallelism() > 1 && spawnSync(TASKSET, ["-V"]).status === 0;

/** The command, bound to one core where that can be done (Linux with taskset and two cores). */
export function onCore(core: number, command: readonly string[]): string[] {
  return canPin ? [TASKSET, "-c", String(core), ...command] : [...command];
}

/** Binds this process and what it starts from now on. */
export function pinSelf(core: number): void {
  if (canPin)
    execFileSync(TASKSET, ["-a", "-c", "-p", String(core), String(process.pid)], { stdio: "ignore" });
}

/** Nice of who takes the times. */
const CLOCK_NICE = -10;

const canPrecede = precede(process.pid, getPriority() - 1);

/** False: it may not be done (it takes the right to lower a process' nice). */
function precede(pid: number, nice: number): boolean {
  const before = getPriority(pid);
  try {
    setPriority(pid, nice);
    if (pid === process.pid) setPriority(pid, before);
    return true;
  } catch {
    return false;
  }
}

/**
 * Lets a process go before others of its core: a frame is timed when it arrives, not when the database has done what it
 * does meanwhile.
 */
export function precedeOthers(pid: number): void {
  if (canPrecede) precede(pid, CLOCK_NICE);
}

/** One line for the reader of the figures. */
export function describeMachine(): string {
  const pinned = canPin ? "servers on core 0, load and database on core 1" : "processes not bound to cores";
  const first = canPrecede ? ", the load goes first" : "";
  return `${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.version}, ${pinned}${first}`;
}

const TICKS_PER_SECOND = 100;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly cpuUs: number;
}

function readStat(pid: string): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold spaces.
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const ticks = (fields[11] ?? 0) + (fields[12] ?? 0);
    return { pid: Number(pid), parent: fields[1] ?? 0, cpuUs: (ticks * 1e6) / TICKS_PER_SECOND };
  } catch {
    return null;
  }
}

/** Process that started another; 0 where there is no /proc. */
export function parentOf(pid: number): number {
  return readStat(String(pid))?.parent ?? 0;
}

/** CPU time of a process and its children so far (us, in steps of 10 ms); 0 where there is no /proc. */
export function familyCpuUs(pid: number): number {
  let entries: string[];
  try {
    entries = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return 0;
  }
  const stats = entries.map(readStat).filter((stat) => stat !== null);
  return stats
    .filter((stat) => stat.pid === pid || stat.parent === pid)
    .reduce((sum, { cpuUs }) => sum + cpuUs, 0);
}
