import { currentCorrelation, type Log } from "@shiplog/core";
import { type DestinationStream, pino } from "pino";
import type { LogLevel } from "./levels.ts";
import { redact, redactText } from "./redact.ts";

/** The log of a whole process: what ends it is critical. */
export interface ProcessLog extends Log {
  critical(fields: object, message: string): void;
}

/** The names that lines carry, by those of pino. */
const NAMES: Readonly<Record<string, string>> = {
  debug: "DEBUG",
  info: "INFO",
  warn: "WARNING",
  error: "ERROR",
  fatal: "CRITICAL",
};

const PINO_LEVELS: Readonly<Record<LogLevel, string>> = {
  debug: "debug",
  info: "info",
  warning: "warn",
  error: "error",
  critical: "fatal",
  silent: "silent",
};

/**
 * One JSON object a line, on stderr: stdout is for the ready line and what a person started the program for. Each line
 * within a request or job carries its id.
 */
export function createLog(
  level: LogLevel,
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): ProcessLog {
  const logger = pino(
    {
      level: PINO_LEVELS[level],
      base: null,
      mixin: () => {
        const requestId = currentCorrelation()?.requestId;
        return requestId ? { requestId } : {};
      },
      formatters: { level: (label) => ({ level: NAMES[label] ?? label }), log: redact },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    destination,
  );
  return {
    debug: (fields, message) => logger.debug(fields, redactText(message)),
    info: (fields, message) => logger.info(fields, redactText(message)),
    warn: (fields, message) => logger.warn(fields, redactText(message)),
    error: (fields, message) => logger.error(fields, redactText(message)),
    critical: (fields, message) => logger.fatal(fields, redactText(message)),
  };
}
