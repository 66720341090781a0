import { EventEmitter } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "@shiplog/core";
import { createPool } from "@shiplog/db";
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

/** Of several workers one gets each. */
const CRONTAB = `23 * * * * apply_retention ?fill=2h&max=3
17 * * * * tend_accounts ?fill=2h&max=3
*/10 * * * * compact_runs ?max=3`;

const RESTART_MS = 1_000;
const CLOSE_MS = 1_000;
/** So many failures in a row to look for a job mean that the pool keeps a dead connection, not that one broke. */
const DEAD_AFTER = 8;

/** One life of the runner: until it is stopped, or breaks with its connections. */
interface Life {
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** graphile-worker, told to leave signals to us, with a sign of life that other workers can see. */
async function startLife(options: RunnerOptions): Promise<Life> {
  const { ctx, connectionString, concurrency } = options;
  // Two more for the runner itself, one for the sign of life, one for its replacement.
  const pgPool = createPool(connectionString, {
    max: concurrency + 4,
    applicationName: "shiplog-worker",
    onError: (error) => ctx.log.warn({ error }, "a connection of the job runner broke and is replaced"),
  });
  const shared = { pgPool, logger: graphileLogger(ctx.log) };
  const events: WorkerEvents = new EventEmitter();
  const pool = new Promise<string>((resolve) => {
    events.once("pool:create", ({ workerPool }) => resolve(workerPool.id));
  });
  const runner = await run({
    ...shared,
    events,
    concurrency,
    taskList: options.taskList,
    pollInterval: 1_000,
    noHandleSignals: true,
    crontab: CRONTAB,
    preset: {
      worker: {
        gracefulShutdownAbortTimeout: options.abortMs,
        // In batches, of whatever size: else nobody hears that the end of a job could not be told.
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
  }).catch((error: unknown) => {
    void pgPool.end();
    throw error;
  });
  const utils = await makeWorkerUtils(shared);
  const life = new AbortController();
  const held = holdLiveness(utils, await pool, life.signal, (error) =>
    ctx.log.warn({ error }, "the worker's sign of life is gone; it is being renewed"),
  );
  const dead = Promise.withResolvers<never>();
  let failures = 0;
  events.on("worker:getJob:error", ({ error }) => {
    if (++failures === DEAD_AFTER) dead.reject(error);
  });
  for (const event of ["worker:getJob:empty", "job:start"] as const) events.on(event, () => (failures = 0));
  const ended = Promise.race([runner.promise, dead.promise]);
  // Whoever follows the life hears of it; nobody may be following yet.
  ended.catch(() => {});
  const close = async () => {
    life.abort();
    await held;
    await utils.release();
    // It waits for what still is lent out, which a broken runner may never give back.
    await Promise.race([pgPool.end(), delay(CLOSE_MS, undefined, { ref: false })]);
  };
  return {
    ended,
    async stop() {
      await runner.stop().catch((error: unknown) => ctx.log.warn({ error }, "the job runner stopped late"));
      await close();
    },
  };
}

/**
 * Runs jobs until stopped. A runner that ends by itself (the database was away for longer than it bears) is
 * replaced by a new one as soon as the database answers.
 */
export async function startRunner(options: RunnerOptions): Promise<JobRunner> {
  const { log } = options.ctx;
  const stopping = new AbortController();
  let life: Life | null = await startLife(options);

  const follow = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        life ??= await startLife(options);
        await life.ended;
        if (stopping.signal.aborted) return;
        log.warn({}, "the job runner ended by itself and is replaced");
      } catch (error) {
        if (stopping.signal.aborted) return;
        log.warn({ error }, "the job runner broke and is replaced");
      }
      const broken = life;
      life = null;
      await broken
        ?.stop()
        .catch((error: unknown) => log.warn({ error }, "a broken job runner did not close"));
      await delay(RESTART_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const followed = follow();
  return {
    async stop() {
      stopping.abort();
      await life?.stop();
      await followed;
    },
  };
}
