export { type AuditActor, type AuditEvent, audit } from "./account/audit/index.ts";
export * from "./actor.ts";
export { createLocalBus, type LocalBus } from "./bus.ts";
export { createPgBus, type PgBus, type PgBusOptions } from "./bus-pg.ts";
export { createRedisBus, type RedisBus, type RedisBusOptions } from "./bus-redis.ts";
export { cleanText } from "./clean.ts";
export type { Context, Origin, Settings } from "./context.ts";
export { type Correlation, correlate, correlationOf, currentCorrelation, noteRoute } from "./correlation.ts";
export * from "./errors.ts";
export { decodeId, decodeIdAs, encodeId, ID_PREFIX, type IdType, newUuid } from "./ids.ts";
export { createJobs } from "./jobs.ts";
export { migrateJobs } from "./jobs-schema.ts";
export { JSON_LIMITS, jsonExcess } from "./json.ts";
export { createOperatorMailer, createSmtpMailer, type SmtpOptions } from "./mail.ts";
export { BusyError, createPasswordHasher, type PasswordOptions } from "./passwords.ts";
export type * from "./ports.ts";
export {
  createRateLimits,
  type RateLimitOptions,
  rateHeaders,
  rateKeyOf,
  refuseOverdrawn,
  UNLIMITED,
} from "./rate-limits.ts";
export { createRedactor, type Redactor } from "./redact/index.ts";
export { createSecretBox, type RingKey } from "./secrets.ts";
export { type Fact, SILENT, type Telemetry, type Work } from "./telemetry.ts";
export { record, transact } from "./transaction.ts";
