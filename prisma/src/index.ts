export { connectionsOf, createDb, type Db, type DbOptions, type DbOrTx, type Tx } from "./client.ts";
export { DeadlineError, withDeadline } from "./deadline.ts";
export { StartupError } from "./errors.ts";
export * from "./generated/client/client.ts";
export { createPgNotifier, type PgNotifier } from "./notify.ts";
export { createPool } from "./pool.ts";
export { empty, executeRaw, join, last, prepared, queryRaw, raw, type Sql, sql } from "./sql.ts";
export type { PoolStats, StatementWatch } from "./statements.ts";
export { type AfterCommit, type DbContext, isRetryable, runNow, withTransaction } from "./transaction.ts";
