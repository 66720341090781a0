import { AsyncResource } from "node:async_hooks";
import type pg from "pg";

/** Told of a statement before it runs; what it returns is called at the statement's end. */
export type StatementWatch = (sql: string) => (failed: boolean) => void;

/** Connections of one pool, now. */
export interface PoolStats {
  readonly inUse: number;
  readonly idle: number;
  /** Callers that wait for a connection. */
  readonly waiting: number;
  readonly max: number;
}

type Callback = (...args: unknown[]) => void;

/** Tells of every statement of the pool's connections. */
export function watchStatements(pool: pg.Pool, onStatement: StatementWatch): void {
  pool.on("connect", (client) => watchQueries(client, onStatement));
  // A caller who waits is called back by whoever gives a connection back, within that one's request.
  const connect = pool.connect.bind(pool) as (callback?: Callback) => unknown;
  pool.connect = ((callback?: Callback) =>
    callback ? connect(AsyncResource.bind(callback)) : connect()) as typeof pool.connect;
}

export function poolStats({ totalCount, idleCount, waitingCount, options }: pg.Pool): PoolStats {
  return { inUse: totalCount - idleCount, idle: idleCount, waiting: waitingCount, max: options.max };
}

/** Overloaded in pg: (text or config, values?, callback?), a promise without a callback. */
function watchQueries(client: pg.PoolClient, onStatement: StatementWatch): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  client.query = ((...args: unknown[]) => {
    const [first] = args;
    const end = onStatement(typeof first === "string" ? first : ((first as { text?: string }).text ?? ""));
    const last = args.at(-1);
    if (typeof last === "function") {
      const callback: Callback = (error, ...rest) => {
        end(Boolean(error));
        (last as Callback)(error, ...rest);
      };
      return query(...args.slice(0, -1), callback);
    }
    const result = query(...args) as Promise<unknown>;
    result.then(
      () => end(false),
      () => end(true),
    );
    return result;
  }) as typeof client.query;
}
