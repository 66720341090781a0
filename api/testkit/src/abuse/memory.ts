import { readFileSync } from "node:fs";

const EVERY_MS = 100;

/**
 * For the environment of a measured server: V8 lets garbage lie until its heap has grown by half or so, whoever
 * asks what; with a small heap what is resident is what is needed. Smaller still (128 MiB) and a server under attack
 * does nothing but collect.
 */
export const SMALL_HEAP = { NODE_OPTIONS: "--max-old-space-size=256 --max-semi-space-size=4" } as const;

/** Resident memory of a process (MiB); 0 when it is gone. */
function residentOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
  } catch {
    return 0;
  }
}

/** Looks at a process until it is stopped, which tells by how much it grew at its largest (MiB). */
export function watchMemory(pid: number): { stop(): number } {
  const before = residentOf(pid);
  let most = before;
  const look = () => {
    most = Math.max(most, residentOf(pid));
  };
  const timer = setInterval(look, EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return Math.round((most - before) * 10) / 10;
    },
  };
}
