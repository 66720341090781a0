import type { Log } from "@shiplog/core";
import { Logger } from "graphile-worker";

/** The job runner's log in ours. Its "info" is chatter about each job: debug here. */
export function graphileLogger(log: Log): Logger {
  return new Logger((scope) => (level, message, meta) => {
    const fields = { ...scope, ...(meta?.error === undefined ? {} : { error: meta.error }) };
    switch (level) {
      case "error":
        return log.error(fields, message);
      case "warning":
        return log.warn(fields, message);
      default:
        return log.debug(fields, message);
    }
  });
}
