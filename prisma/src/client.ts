import { PrismaPg } from "@prisma/adapter-pg";
import type pg from "pg";
import { type Prisma, PrismaClient } from "./generated/client/client.ts";
import { createPool } from "./pool.ts";
import { statementName } from "./sql.ts";
import { type PoolStats, poolStats, type StatementWatch, watchStatements } from "./statements.ts";

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
  /** Times every statement on the wire, those of transactions too. */
  readonly onStatement?: StatementWatch;
}

const POOLS = new WeakMap<object, pg.Pool>();

/** The connections of a client of `createDb`. */
export function connectionsOf(db: Db): PoolStats {
  const pool = POOLS.get(db);
  if (!pool) throw new Error("not a client of createDb");
  return poolStats(pool);
}

/** A client with a pool of its own; connects at the first query. */
export function createDb(connectionString: string, options: DbOptions = {}): Db {
  const pool = createPool(connectionString, {
    max: options.max ?? 10,
    applicationName: options.applicationName ?? "shiplog",
    onError: options.onPoolError,
  });
  if (options.onStatement) watchStatements(pool, options.onStatement);
  const adapter = new PrismaPg(pool, {
    disposeExternalPool: true,
    statementNameGenerator: statementName,
  });
  const { onQuery } = options;
  if (!onQuery) {
    const client = new PrismaClient({ adapter });
    POOLS.set(client, pool);
    return client;
  }
  const client = new PrismaClient({ adapter, log: [{ emit: "event", level: "query" }] });
  client.$on("query", (event) => onQuery(event.query));
  POOLS.set(client, pool);
  return client as unknown as Db;
}
