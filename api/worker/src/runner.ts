import { EventEmitter } from "node:events";
import type { Context } from "@shiplog/core";
import { makeWorkerUtils, run, type TaskList, type WorkerEvents } from "graphile-worker";
import { holdLiveness } from "./liveness.ts";
import { graphileLogger } from "./logger.ts";

export interface RunnerOptions {
  readonly ctx: Context;
  readonly connectionString: string;
  readonly taskList: TaskList;
  readonly concurrency: number;
  /** When the runner itself gives up on jobs that do not end after `stop` (ms). */
  readonly abortMs: number;
}

export interface JobRunner {
  /** Takes no more jobs; resolves when the running ones have ended and every connection is closed. */
  stop(): Promise<void>;
}

/** graphile-worker, told to leave signals to us, with a sign of life that other workers can see. */
export async function startRunner(options: RunnerOptions): Promise<JobRunner> {
  const { ctx, connectionString, concurrency } = options;
  const shared = { connectionString, logger: graphileLogger(ctx.log) };
  const events: WorkerEvents = new EventEmitter();
  const pool = new Promise<string>((resolve) => {
    events.once("pool:create", ({ workerPool }) => resolve(workerPool.id));
  });
  const runner = await run({
    ...shared,
    events,
    concurrency,
    taskList: options.taskList,
    maxPoolSize: concurrency + 2,
    pollInterval: 1_000,
    noHandleSignals: true,
    crontab: "",
    preset: { worker: { gracefulShutdownAbortTimeout: options.abortMs } },
  });
  const utils = await makeWorkerUtils({ ...shared, maxPoolSize: 2 });
  const life = new AbortController();
  const held = holdLiveness(utils, await pool, life.signal, (error) =>
    ctx.log.warn({ error }, "the worker's sign of life is gone; it is being renewed"),
  );
  runner.promise.catch((error: unknown) => ctx.log.error({ error }, "the job runner stopped"));
  return {
    async stop() {
      await runner.stop().catch((error: unknown) => ctx.log.warn({ error }, "the job runner stopped late"));
      life.abort();
      await held;
      await utils.release();
    },
  };
}
