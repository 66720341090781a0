/** What SHIPLOG_LOG_LEVEL may be: lines below it are not written. */
export const LOG_LEVELS = ["debug", "info", "warning", "error", "critical", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
