import { executeRaw, sql } from "@shiplog/db";
import type { Jobs } from "./ports.ts";

/**
 * Enqueues through graphile-worker's SQL function on the caller's connection: the job exists when, and only
 * when, the surrounding transaction commits. Its schema must have been installed (the worker's migration).
 */
export function createJobs(): Jobs {
  return {
    async enqueue(db, task, payload, options = {}) {
      await executeRaw(
        db,
        sql`SELECT FROM graphile_worker.add_job(
          identifier => ${task}::text,
          payload => ${JSON.stringify(payload)}::json,
          queue_name => ${options.queue ?? null}::text,
          run_at => ${options.runAt ?? null}::timestamptz,
          max_attempts => ${options.maxAttempts ?? null}::int,
          job_key => ${options.key ?? null}::text)`,
      );
    },
  };
}
