import type { Context } from "../../context.ts";
import { ForbiddenError, NotFoundError, UnauthenticatedError } from "../../errors.ts";
import { transact } from "../../transaction.ts";
import { type AuditActor, type AuditEvent, audit } from "./entry.ts";

/** A mutation under way: what is known of it so far. */
export interface Attempt {
  /** Adds what becomes known on the way, for the entry of a failure as well. */
  about(more: Partial<AuditEvent>): void;
  /** Writes the entry of the success, in the transaction of the mutation. */
  succeed(tx: Context, more?: Partial<AuditEvent>): Promise<void>;
}

/** Errors whose attempt has its entry: the edges write one for those that core never saw. */
const AUDITED = new WeakSet<object>();

/**
 * Carries out a mutation. `work` calls `succeed` in its transaction; when it throws, that transaction is undone and
 * the entry of the failure is written in one of its own, before the error goes on.
 */
export async function audited<T>(
  ctx: Context,
  actor: AuditActor,
  event: AuditEvent,
  work: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  let known = event;
  try {
    return await work({
      about: (more) => {
        known = { ...known, ...more };
      },
      succeed: (tx, more) => audit(tx, ctx, actor, { ...known, ...more }),
    });
  } catch (error) {
    if (isObject(error)) AUDITED.add(error);
    await writeFailure(ctx, actor, known, error);
    throw error;
  }
}

/** For the edges: writes the entry of an attempt that ended with this error, unless core has written it. */
export async function auditFailure(
  ctx: Context,
  actor: AuditActor,
  event: AuditEvent,
  error: unknown,
): Promise<void> {
  if (isObject(error) && AUDITED.has(error)) return;
  await writeFailure(ctx, actor, event, error);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** That the log cannot be written (the database is away) never hides the error itself. */
async function writeFailure(
  ctx: Context,
  actor: AuditActor,
  event: AuditEvent,
  error: unknown,
): Promise<void> {
  const code = (error as { code?: unknown } | null)?.code;
  const details = { ...(event.details as object | undefined), error: nameOf(error, code) };
  try {
    await transact(ctx, (tx) => audit(tx, ctx, actor, { ...event, outcome: outcomeOf(error), details }));
  } catch (cause) {
    ctx.log.error({ error: cause, action: event.action }, "an audit entry of a failure was not written");
  }
}

/** The stable word of an expected error; what is unexpected is told in the log only. */
function nameOf(error: unknown, code: unknown): string {
  return error instanceof Error && "status" in error && typeof code === "string" ? code : "INTERNAL";
}

function outcomeOf(error: unknown): "refused" | "failed" {
  const refused =
    error instanceof ForbiddenError ||
    error instanceof NotFoundError ||
    error instanceof UnauthenticatedError ||
    (error as { status?: unknown } | null)?.status === 401;
  return refused ? "refused" : "failed";
}
