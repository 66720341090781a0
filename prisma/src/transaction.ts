import type { Db, DbOrTx, Tx } from "./client.ts";
import { Prisma } from "./generated/client/client.ts";

export type AfterCommit = () => void | Promise<void>;

/** What a function needs to take part in transactions. */
export interface DbContext {
  readonly db: DbOrTx;
  /** Runs the task once the outermost transaction has committed; drops it on rollback. At once outside of one. */
  readonly afterCommit: (task: AfterCommit) => void;
}

const ATTEMPTS = 5;
const LIMITS = { maxWait: 10_000, timeout: 60_000 };
/** The clients of open transactions, so that a nested call joins instead of opening a second one. */
const open = new WeakSet<object>();

/**
 * Runs `work` in a transaction. Within one already, `work` joins it. The outermost call commits, then hands the
 * collected tasks to `ctx.afterCommit`. `work` may run again (serialization failure, deadlock).
 */
export async function withTransaction<C extends DbContext, T>(
  ctx: C,
  work: (ctx: C) => Promise<T>,
): Promise<T> {
  if (open.has(ctx.db)) return work(ctx);
  for (let attempt = 1; ; attempt++) {
    const tasks: AfterCommit[] = [];
    try {
      const result = await (ctx.db as Db).$transaction((tx) => joined(ctx, tx, tasks, work), LIMITS);
      for (const task of tasks) ctx.afterCommit(task);
      return result;
    } catch (error) {
      if (attempt >= ATTEMPTS || !isRetryable(error)) throw error;
      await backoff(attempt);
    }
  }
}

async function joined<C extends DbContext, T>(
  ctx: C,
  tx: Tx,
  tasks: AfterCommit[],
  work: (ctx: C) => Promise<T>,
): Promise<T> {
  open.add(tx);
  try {
    return await work({ ...ctx, db: tx, afterCommit: (task: AfterCommit) => void tasks.push(task) });
  } finally {
    open.delete(tx);
  }
}

/** The root's `afterCommit`: runs the task now; the caller's result never depends on it. */
export function runNow(onError: (error: unknown) => void): DbContext["afterCommit"] {
  return (task) => {
    Promise.resolve().then(task).catch(onError);
  };
}

const RETRYABLE_STATES = new Set(["40001", "40P01"]);

/** A serialization failure or a deadlock: the same transaction may pass when run again. */
export function isRetryable(error: unknown): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  if (error.code === "P2034") return true;
  return error.code === "P2010" && RETRYABLE_STATES.has(rawState(error.meta));
}

function rawState(meta: Record<string, unknown> | undefined): string {
  const cause = (meta?.driverAdapterError as { cause?: { originalCode?: string } } | undefined)?.cause;
  return cause?.originalCode ?? String(meta?.code ?? "");
}

function backoff(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2 ** attempt * 5 * (0.5 + Math.random())));
}
