import { z } from "zod";
import type { UserActor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { UnauthenticatedError } from "../../errors.ts";
import { transact } from "../../transaction.ts";
import { audited } from "../audit/index.ts";
import { InvalidCredentialsError } from "../errors.ts";
import { parseInput } from "../input.ts";
import { forgetDevices } from "../session/devices.ts";
import { invalidateUserSessions } from "../session/sessions.ts";
import { reserve } from "../throttle.ts";
import { checkPassword, hashPassword, newPassword } from "./credentials.ts";

const changeInput = z.object({ currentPassword: z.string(), newPassword });

/**
 * Sets the person's own password, who must know the one he has; his other sessions end, and links to reset it
 * with them. Throws InvalidCredentialsError (a wrong one, or the account has none: a link sets the first),
 * TooManyAttemptsError, InvalidInputError, BusyError. Returns how many sessions ended.
 */
export async function changePassword(
  ctx: Context,
  actor: UserActor,
  input: { readonly currentPassword: string; readonly newPassword: string },
): Promise<{ endedSessions: number }> {
  const { userId, sessionId } = actor;
  const event = { action: "password.change", target: { type: "User", id: userId } } as const;
  return audited(ctx, actor, event, async (attempt) => {
    const { currentPassword, newPassword: wanted } = parseInput(changeInput, input);
    const user = await ctx.db.user.findUnique({ where: { id: userId } });
    // Whoever has a session's cookie but not the password must not find it out here, nor keep the person from it.
    const guesses = { key: `change:${sessionId}`, free: 5, leakSeconds: 600 };
    const reservation = await reserve(ctx, [guesses]);
    try {
      await checkPassword(ctx, user, currentPassword);
    } catch (error) {
      if (!(error instanceof InvalidCredentialsError)) await reservation.refund();
      throw error;
    }
    await reservation.clear([guesses]);
    const passwordHash = await hashPassword(ctx, wanted);
    return transact(ctx, async (tx) => {
      // Guarded: of two changes at once the later one no longer knows the current password.
      const { count } = await tx.db.user.updateMany({
        where: { id: userId, passwordHash: user?.passwordHash ?? "", disabledAt: null },
        data: { passwordHash, updatedAt: tx.clock.now() },
      });
      if (count === 0) throw new UnauthenticatedError("The password was changed meanwhile. Sign in again.");
      const endedSessions = await endSignIns(tx, userId, sessionId);
      await attempt.succeed(tx, { details: { endedSessions } });
      return { endedSessions };
    });
  });
}

/** What the old password gave ends: sessions but, if given, this one, known browsers, links. Returns how many sessions. */
export async function endSignIns(tx: Context, userId: string, sessionId?: string): Promise<number> {
  await forgetDevices(tx, userId);
  await tx.db.passwordReset.deleteMany({ where: { userId, usedAt: null } });
  return invalidateUserSessions(tx, userId, sessionId);
}
