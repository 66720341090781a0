import { executeRaw, sql, type User } from "@shiplog/db";
import { type Actor, userIdOf } from "../actor.ts";
import type { Context } from "../context.ts";
import { ConflictError, ForbiddenError, NotFoundError } from "../errors.ts";
import { transact } from "../transaction.ts";
import { audited } from "./audit/index.ts";
import { endSignIns } from "./password/change.ts";
import { authorizeInstance, personAllows } from "./policy.ts";
import { revoke } from "./revoke.ts";
import { invalidateUserSessions } from "./session/sessions.ts";

/** What becomes of somebody's account; what is absent stays. */
export interface UpdateUserInput {
  /** UUID of the person. */
  readonly id: string;
  readonly isAdmin?: boolean | null;
  readonly isDisabled?: boolean | null;
}

/**
 * Closes somebody's account or opens it again, makes him an administrator or takes that away. Whoever is disabled
 * loses his sessions, links and known browsers for good, and his keys, tokens and open streams while he is; who is no
 * administrator any more signs in anew. For administrators (ForbiddenError), of others only (ConflictError): so one
 * always remains. Throws NotFoundError.
 */
export async function updateUser(ctx: Context, actor: Actor, input: UpdateUserInput): Promise<User> {
  const { id, isDisabled } = input;
  const event = { action: "user.update", target: { type: "User", id } } as const;
  return audited(ctx, actor, event, async (attempt) => {
    authorizeInstance(actor, "user.update");
    if (userIdOf(actor) === id) throw new ConflictError("Another administrator has to do that for you.");
    return transact(ctx, async (tx) => {
      await assertStillMay(tx, userIdOf(actor));
      const before = await tx.db.user.findUnique({ where: { id } });
      if (!before) throw new NotFoundError("person");
      const now = tx.clock.now();
      const disabledAt = isDisabled ? (before.disabledAt ?? now) : null;
      const user = await tx.db.user.update({
        where: { id },
        data: {
          updatedAt: now,
          isAdmin: input.isAdmin ?? undefined,
          ...(isDisabled != null && { disabledAt }),
        },
      });
      if (isDisabled) await endSignIns(tx, id);
      // What he has open was opened with the power.
      else if (mayManage(before) && !mayManage(user)) await invalidateUserSessions(tx, id);
      revoke(tx, { userId: id });
      await attempt.succeed(tx, { details: { isAdmin: user.isAdmin, isDisabled: user.disabledAt !== null } });
      return user;
    });
  });
}

/** One at a time: of two who take each other's power away at once the second finds that he has none any more. */
async function assertStillMay(tx: Context, actorId: string | null): Promise<void> {
  await executeRaw(tx.db, sql`SELECT FROM pg_advisory_xact_lock(hashtext('shiplog.administrators'))`);
  const acting = await tx.db.user.findFirst({ where: { id: actorId ?? "", disabledAt: null } });
  if (!acting || !mayManage(acting)) throw new ForbiddenError("You are no administrator any more.");
}

function mayManage(person: User): boolean {
  return personAllows(person, "user.update");
}
