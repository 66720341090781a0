import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { type Prisma, PrismaClient } from "./generated/client/client.ts";
import { utcUrl } from "./url.ts";

/** The database client; `$disconnect()` closes its pool. */
export type Db = PrismaClient;
/** The client of an open transaction. */
export type Tx = Prisma.TransactionClient;
export type DbOrTx = Db | Tx;

export interface DbOptions {
  /** Connections of the pool. */
  readonly max?: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
  /** An idle connection broke; the pool replaces it by itself. */
  readonly onPoolError?: (error: Error) => void;
  /** Sees the text of every SQL statement before it runs; statement counts of tests come from here. */
  readonly onQuery?: (sql: string) => void;
}

/**
 * A process that stops in the middle of a transaction (SIGSTOP, a suspended machine) keeps its row locks, and a
 * locked stream head holds up a whole project. The server ends such a session, well before a lease runs out.
 */
const IDLE_IN_TRANSACTION_MS = 8_000;

/** A client with a pool of its own; connects at the first query. */
export function createDb(connectionString: string, options: DbOptions = {}): Db {
  const pool = new pg.Pool({
    connectionString: utcUrl(connectionString),
    max: options.max ?? 10,
    application_name: options.applicationName ?? "shiplog",
    connectionTimeoutMillis: 10_000,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  });
  pool.on("error", (error: Error & { client?: unknown }) => {
    // The pool hangs its whole client on the error; a log line should not carry that.
    delete error.client;
    options.onPoolError?.(error);
  });
  const adapter = new PrismaPg(pool, { disposeExternalPool: true });
  const { onQuery } = options;
  if (!onQuery) return new PrismaClient({ adapter });
  const client = new PrismaClient({ adapter, log: [{ emit: "event", level: "query" }] });
  client.$on("query", (event) => onQuery(event.query));
  return client as unknown as Db;
}
