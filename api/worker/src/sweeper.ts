import type { Context } from "@shiplog/core";
import { sweepAgentExecutions } from "@shiplog/core/agent";
import { unlockDeadPools } from "./liveness.ts";

export interface Sweeper {
  /** When a sweep last ended without an error; null before the first. */
  readonly lastSweepAt: Date | null;
  /** Resolves when no sweep runs and none will. */
  stop(): Promise<void>;
}

/** Sweeps now and every `everyMs`, in this process: what it looks for includes a job runner that lost a job. */
export function startSweeper(ctx: Context, everyMs: number): Sweeper {
  let lastSweepAt: Date | null = null;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  async function sweep(): Promise<void> {
    try {
      const found = await sweepAgentExecutions(ctx);
      const unlocked = await unlockDeadPools(ctx);
      lastSweepAt = ctx.clock.now();
      if (unlocked + found.requeued + found.silent + found.givenUp > 0) {
        ctx.log.info({ ...found, unlocked }, "the sweep found work that nobody had");
      }
    } catch (error) {
      ctx.log.warn({ error }, "a sweep failed; the next one is due soon");
    }
    // Several workers spread out by themselves.
    if (!stopped) timer = setTimeout(next, everyMs * (0.75 + Math.random() / 4));
  }
  function next(): void {
    running = sweep();
  }
  next();
  return {
    get lastSweepAt() {
      return lastSweepAt;
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
