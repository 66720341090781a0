import { correlate, correlationOf, type Log } from "@shiplog/core";
import { Logger } from "graphile-worker";

/**
 * The job runner's log in ours. Its "info" is chatter about each job: debug here. What it says of a job that failed
 * belongs to whoever asked for the job.
 */
export function graphileLogger(log: Log): Logger {
  return new Logger((scope) => (level, message, meta) => {
    const fields = { ...scope, ...(meta?.error === undefined ? {} : { error: meta.error }) };
    ofItsRequest(meta, () => {
      switch (level) {
        case "error":
          return log.error(fields, message);
        case "warning":
          return log.warn(fields, message);
        default:
          return log.debug(fields, message);
      }
    });
  });
}

function ofItsRequest(meta: { readonly job?: unknown } | undefined, write: () => void): void {
  const payload = (meta?.job as { payload?: object } | undefined)?.payload ?? {};
  const correlation = correlationOf(payload, () => "");
  if (correlation.requestId) correlate(correlation, write);
  else write();
}
