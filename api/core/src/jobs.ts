import { executeRaw, sql } from "@shiplog/db";
import { currentCorrelation } from "./correlation.ts";
import type { Jobs } from "./ports.ts";
import { SILENT, type Telemetry } from "./telemetry.ts";

/** What a job takes along of the request or job that enqueues it. */
function carried(telemetry: Telemetry): object {
  const requestId = currentCorrelation()?.requestId;
  const traceparent = telemetry.traceparent();
  return { ...(requestId && { requestId }), ...(traceparent && { traceparent }) };
}

/**
 * Enqueues through graphile-worker's SQL function on the caller's connection: the job exists when, and only
 * when, the surrounding transaction commits. Its schema must have been installed (the worker's migration).
 * The payload also carries the correlation id, and the trace, of whoever asks.
 */
export function createJobs(telemetry: Telemetry = SILENT): Jobs {
  return {
    async enqueue(db, task, payload, options = {}) {
      await executeRaw(
        db,
        sql`SELECT FROM graphile_worker.add_job(
          identifier => ${task}::text,
          payload => ${JSON.stringify({ ...payload, ...carried(telemetry) })}::json,
          queue_name => ${options.queue ?? null}::text,
          run_at => ${options.runAt ?? null}::timestamptz,
          max_attempts => ${options.maxAttempts ?? null}::int,
          job_key => ${options.key ?? null}::text)`,
      );
    },
  };
}
