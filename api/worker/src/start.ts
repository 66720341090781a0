import { hostname } from "node:os";
import type { AgentRuntime, Context } from "@shiplog/core";
import type { IntakeProviders } from "@shiplog/core/project";
import { startRunner } from "./runner.ts";
import { startSweeper } from "./sweeper.ts";
import { toGraphileTask } from "./task.ts";
import { allTasks } from "./tasks/index.ts";

export interface WorkerOptions {
  readonly ctx: Context;
  /** For the jobs' own connections; their schema must be there (`migrateJobs` of core). */
  readonly connectionString: string;
  readonly agents: AgentRuntime;
  /** The sources whose deliveries this worker folds. */
  readonly providers: IntakeProviders;
  /** Jobs at a time. */
  readonly concurrency?: number;
  /** How long running jobs may go on after `stop` before agent runs are handed to another worker (ms). */
  readonly graceMs?: number;
  /** Time between two sweeps (ms). */
  readonly sweepMs?: number;
}

export interface WorkerState {
  /** Jobs that run now. */
  readonly activeJobs: number;
  /** When it last looked for work that nobody has; a worker that has not for long is not well. */
  readonly lastSweepAt: Date | null;
}

export interface Worker {
  /** Names this worker in leases. */
  readonly name: string;
  state(): WorkerState;
  /**
   * Takes no more jobs, lets the running ones go on for their grace, hands agent runs over and returns when
   * everything has ended.
   */
  stop(): Promise<void>;
}

const DEFAULTS = { concurrency: 4, graceMs: 1_500, sweepMs: 2_000 };
/** After the grace: time to close tools and write the hand-over before a job is cut off. */
const CLOSE_MS = 2_000;

/** Starts taking jobs, in this process. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { ctx, connectionString } = options;
  const concurrency = options.concurrency ?? DEFAULTS.concurrency;
  const graceMs = options.graceMs ?? DEFAULTS.graceMs;
  const sweepMs = options.sweepMs ?? DEFAULTS.sweepMs;
  const name = `${hostname()}:${process.pid}:${ctx.randomBytes(4).toString("hex")}`;
  const handOver = new AbortController();
  let activeJobs = 0;
  const around = {
    ctx,
    worker: name,
    signal: handOver.signal,
    onStart: () => void activeJobs++,
    onEnd: () => void activeJobs--,
  };
  const taskList = Object.fromEntries(
    allTasks(options.agents, options.providers).map((task) => [task.name, toGraphileTask(task, around)]),
  );
  const abortMs = graceMs + CLOSE_MS;
  const runner = await startRunner({ ctx, connectionString, taskList, concurrency, abortMs });
  const sweeper = startSweeper(ctx, sweepMs);
  ctx.log.info({ worker: name, concurrency }, "worker started");
  let stopping: Promise<void> | null = null;
  return {
    name,
    state: () => ({ activeJobs, lastSweepAt: sweeper.lastSweepAt }),
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };

  async function stop(): Promise<void> {
    const timer = setTimeout(() => handOver.abort(), graceMs);
    await Promise.all([sweeper.stop(), runner.stop()]);
    clearTimeout(timer);
    ctx.log.info({ worker: name }, "worker stopped");
  }
}
