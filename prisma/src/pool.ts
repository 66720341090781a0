import { AsyncResource } from "node:async_hooks";
import type pg from "pg";
import { CancellableClient, DeadlinePool } from "./deadline.ts";
import { utcUrl } from "./url.ts";
import { watchPool } from "./watch.ts";

export interface PoolOptions {
  readonly max: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** An idle connection broke; the pool replaces it by itself. */
  readonly onError?: ((error: Error) => void) | undefined;
}

/**
 * A process that stops in the middle of a transaction (SIGSTOP, a suspended machine) keeps its row locks, and a
 * locked stream head holds up a whole project. The server ends such a session, well before a lease runs out.
 */
const IDLE_IN_TRANSACTION_MS = 8_000;
/** For a free connection of the pool, and for a new one: who waits for a place waits longer than for an answer. */
const WAIT_MS = { place: 10_000, connection: 2_000 };

class Client extends CancellableClient {
  constructor(config?: string | pg.ClientConfig) {
    super({ ...(config as pg.ClientConfig), connectionTimeoutMillis: WAIT_MS.connection });
  }
}

/** A pool whose connections are given up when the network has forgotten them; connects at the first query. */
export function createPool(connectionString: string, options: PoolOptions): pg.Pool {
  const url = utcUrl(connectionString);
  const pool = new DeadlinePool({
    connectionString: url,
    max: options.max,
    application_name: options.applicationName,
    connectionTimeoutMillis: WAIT_MS.place,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    Client,
  });
  // In nobody's context: an idle connection is no longer of the request that opened it.
  const report = AsyncResource.bind((error: Error & { client?: unknown }) => {
    // The pool hangs its whole client on the error; a log line should not carry that.
    delete error.client;
    options.onError?.(error);
  });
  pool.on("error", report);
  // One that breaks while it is in use tells by its statements; without a listener it would end the process.
  pool.on("connect", (client) => client.on("error", () => {}));
  watchPool(pool, url);
  return pool;
}
