import type { Log } from "@shiplog/core";
import { pino } from "pino";

/** Fields that may hold secrets; they are cut before anything is written. */
const REDACT = [
  "headers.authorization",
  "headers.cookie",
  "*.password",
  "*.secret",
  "*.token",
  "*.accessToken",
  "*.refreshToken",
];

/** JSON lines on stderr: stdout is for the ready line and what a person started the program for. */
export function createLog(level: string): Log {
  const logger = pino(
    {
      level,
      base: null,
      redact: { paths: REDACT, censor: "[redacted]" },
      serializers: { error: pino.stdSerializers.err },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    pino.destination({ dest: 2, sync: true }),
  );
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
