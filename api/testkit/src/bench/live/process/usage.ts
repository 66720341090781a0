import { setTimeout } from "node:timers/promises";

export interface Memory {
  readonly rss: number;
  readonly heap: number;
  /** What the heap takes up, holes included. */
  readonly committed: number;
  readonly external: number;
}

const collect = (globalThis as { gc?: () => void }).gc ?? (() => {});

/** Once nothing more is freed by collecting: resident, heap and external bytes. */
async function settle(): Promise<Memory> {
  let last = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 12; turn++) {
    collect();
    await setTimeout(50);
    const { rss } = process.memoryUsage();
    if (turn >= 4 && last - rss < 256 * 1024) break;
    last = rss;
  }
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  return { rss, heap: heapUsed, committed: heapTotal, external };
}

/** What every measured process tells of itself. */
export const usage = {
  /** User and system time of all threads so far (us). */
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  memory: settle,
};
