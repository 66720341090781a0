import type { Context } from "../context.ts";

/** What lost access. */
export type Revoked =
  | { readonly userId: string }
  | { readonly sessionId: string }
  | { readonly keyId: string }
  | { readonly projectId: string };

/**
 * Tells every process, after commit, that somebody lost access, so that open streams are checked again within a
 * second. Each operation that takes access away calls it in the transaction that does so; the rows are the
 * truth, the call is only the wake-up.
 */
export function revoke(ctx: Context, what: Revoked): void {
  ctx.afterCommit(() => {
    ctx.log.info({ revoked: what }, "access revoked");
    ctx.bus.accessChanged();
  });
}
