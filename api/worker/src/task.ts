import { type Context, correlate, correlationOf, type Log, type TaskName } from "@shiplog/core";
import type { Task } from "graphile-worker";
import type { z } from "zod";

interface TaskHelpers {
  /** Bound to the job's id and attempt. */
  readonly log: Log;
  /** Aborted when the worker shuts down and the job's grace is over. */
  readonly signal: AbortSignal;
  /** Names this worker process. */
  readonly worker: string;
}

/** One kind of job. Its payload carries ids; what it does is decided by the rows they name. */
export interface TaskDefinition<S extends z.ZodType = z.ZodType> {
  readonly name: TaskName;
  readonly payload: S;
  run(ctx: Context, payload: z.output<S>, helpers: TaskHelpers): Promise<void>;
}

export function defineTask<S extends z.ZodType>(task: TaskDefinition<S>): TaskDefinition<S> {
  return task;
}

/** What every job of a worker process shares. */
export interface TaskSurroundings {
  readonly ctx: Context;
  readonly worker: string;
  readonly signal: AbortSignal;
  /** Called around each job: the worker's own count. */
  readonly onStart: () => void;
  readonly onEnd: () => void;
}

function bind(log: Log, fields: object): Log {
  return {
    debug: (more, message) => log.debug({ ...fields, ...more }, message),
    info: (more, message) => log.info({ ...fields, ...more }, message),
    warn: (more, message) => log.warn({ ...fields, ...more }, message),
    error: (more, message) => log.error({ ...fields, ...more }, message),
  };
}

/** The job runner's form of a task. A payload that does not parse fails the job for good to see. */
export function toGraphileTask(task: TaskDefinition, around: TaskSurroundings): Task {
  return async (raw, { job }) => {
    const log = bind(around.ctx.log, { task: task.name, job: job.id, attempt: job.attempts });
    const { telemetry } = around.ctx;
    telemetry.note({ kind: "job_waited", task: task.name, ms: Date.now() - job.run_at.getTime() });
    const run = async () => {
      const payload = task.payload.parse(raw);
      await task.run({ ...around.ctx, log }, payload, { log, signal: around.signal, worker: around.worker });
    };
    around.onStart();
    try {
      await correlate(correlationOf(carriedIn(raw), around.ctx.newId), () =>
        telemetry.measure({ kind: "job", task: task.name }, run),
      );
    } finally {
      around.onEnd();
    }
  };
}

/** The correlation that `createJobs` of core put beside the payload; jobs that nobody asked for have none. */
function carriedIn(raw: unknown): object {
  return typeof raw === "object" && raw !== null ? raw : {};
}
