import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import pg from "pg";
import { answered, PipelinedClient, textOf } from "./pipelined.ts";

/** The work took longer than it may; what it had running in the database was cancelled. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
  constructor(ms: number) {
    super(`It took longer than ${ms} ms.`);
  }
}

/** The statements of one piece of work that has a deadline. */
interface Scope {
  readonly running: Set<CancellableClient>;
  /** Past its deadline and still unwinding: no further statement begins. */
  expired: boolean;
}

const SCOPE = new AsyncLocalStorage<Scope>();

/** What ends a transaction must pass, or its connection would go back to the pool in the middle of it. */
const ENDS_TRANSACTION = /^\s*(ROLLBACK|COMMIT)\b/i;

/**
 * Runs `work`; past the deadline it rejects with DeadlineError, PostgreSQL is told to cancel the statements that
 * `work` has running, and no further one begins. What `work` set going for others (a shared reader) is left alone
 * once `work` itself has come to its end.
 */
export function withDeadline<T>(ms: number, work: () => Promise<T>): Promise<T>;
/** What is answered at once is answered so. */
export function withDeadline<T>(ms: number, work: () => T | Promise<T>): T | Promise<T>;
export function withDeadline<T>(ms: number, work: () => T | Promise<T>): T | Promise<T> {
  const scope: Scope = { running: new Set(), expired: false };
  return SCOPE.run(scope, () => {
    const result = work();
    // Awaited inside: a query of Prisma begins only when somebody waits for it.
    return isThenable(result) ? bounded(ms, scope, (async () => await result)()) : result;
  });
}

function isThenable<T>(result: T | PromiseLike<T>): result is PromiseLike<T> {
  return typeof (result as PromiseLike<T> | null)?.then === "function";
}

function bounded<T>(ms: number, scope: Scope, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    scope.expired = true;
    for (const client of scope.running) client.cancelStatement();
    late.reject(new DeadlineError(ms));
  }, ms);
  const working = work.finally(() => {
    clearTimeout(timer);
    scope.expired = false;
  });
  return Promise.race([working, late.promise]);
}

/** A connection whose statements end with the deadline of the work that sent them. */
export class CancellableClient extends PipelinedClient {
  #cancelling: Promise<void> | null = null;

  override query(...given: unknown[]): never {
    const send = super.query.bind(this) as (...args: unknown[]) => Promise<unknown>;
    const scope = SCOPE.getStore();
    if (!scope) return send(...given) as never;
    return answered(given, (args) => this.#within(scope, args, send));
  }

  /** Asks over a connection of its own: this one is busy, and so may be the whole pool. */
  cancelStatement(): void {
    const { processID } = this as unknown as { readonly processID: number };
    const other = new pg.Client({ ...this.#settings(), connectionTimeoutMillis: 5_000 });
    other.on("error", () => {});
    const cancelled = async () => {
      try {
        await other.connect();
        await other.query("SELECT pg_cancel_backend($1)", [processID]);
      } catch {
        // The statement runs to its end; its answer is not waited for.
      } finally {
        await other.end().catch(() => {});
      }
    };
    this.#cancelling ??= cancelled().finally(() => {
      this.#cancelling = null;
    });
  }

  async #within(
    scope: Scope,
    args: readonly unknown[],
    send: (...args: unknown[]) => Promise<unknown>,
  ): Promise<unknown> {
    if (scope.expired && !ENDS_TRANSACTION.test(textOf(args[0]))) throw new DeadlineError(0);
    scope.running.add(this);
    try {
      return await send(...args);
    } finally {
      scope.running.delete(this);
      // Given back before the cancel has arrived, the connection could lose somebody else's statement to it.
      await this.#cancelling;
    }
  }

  #settings(): pg.ClientConfig {
    const { host, port, user, database, ssl, password } = this;
    return { host, port, user, database, ssl, password: password ?? undefined };
  }
}

type Connected = (
  error: Error | undefined,
  client?: pg.PoolClient,
  done?: (release?: unknown) => void,
) => void;

/** A pool of CancellableClients: their statements heed the deadline of whoever asked for them. */
export class DeadlinePool extends pg.Pool {
  /** A waiting request is served from within another one's call: its own scope must come along. */
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    if (!callback) return super.connect().catch((error) => this.#again(error));
    const bound = AsyncResource.bind(callback);
    super.connect((error, client, done) => {
      if (error && isSlow(error)) super.connect(bound);
      else bound(error, client, done);
    });
    return undefined;
  }

  #again(error: Error): Promise<pg.PoolClient> {
    if (isSlow(error)) return super.connect();
    throw error;
  }
}

/**
 * A new connection took too long, which a busy machine or one lost packet explains as well as a server that is away:
 * it is tried once more, for nothing has been done by it.
 */
function isSlow(error: Error): boolean {
  return error.message === "timeout expired";
}
