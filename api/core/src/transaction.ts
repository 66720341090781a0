import { withTransaction } from "@shiplog/db";
import type { Context } from "./context.ts";
import { type Append, type Appended, assertFits, flushAppends, type PendingAppend } from "./live/append.ts";

/** The open transactions' appends, by their database client: a context derived by spreading shares it. */
const OPEN = new WeakMap<object, PendingAppend[]>();

/**
 * Runs `work` in a transaction; a nested call joins the outer one. Events recorded with `record` are written
 * right before the outermost commit (heads are locked last) and their readers are woken after it. `work` may
 * run again after a serialization failure or a deadlock, so it must have no effect outside the transaction but
 * through `afterCommit`.
 */
export async function transact<T>(ctx: Context, work: (tx: Context) => Promise<T>): Promise<T> {
  if (OPEN.has(ctx.db)) return work(ctx);
  return withTransaction(ctx, async (tx: Context) => {
    const pending: PendingAppend[] = [];
    OPEN.set(tx.db, pending);
    try {
      const result = await work(tx);
      const grown = await flushAppends(tx, pending);
      const ids = grown.map(({ streamId }) => streamId);
      if (ids.length > 0) tx.afterCommit(() => ctx.bus.wake(ids, grown));
      return result;
    } finally {
      OPEN.delete(tx.db);
    }
  });
}

/** Records events to be appended when the surrounding `transact` commits; throws outside of one, and above 16 KiB. */
export function record(tx: Context, append: Append): Appended {
  const pending = OPEN.get(tx.db);
  if (!pending) throw new Error("record() outside transact()");
  assertFits(append.events);
  const receipt: Appended = { lastSeq: 0 };
  pending.push({ ...append, receipt });
  return receipt;
}
