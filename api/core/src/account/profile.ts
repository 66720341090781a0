import type { User } from "@shiplog/db";
import { z } from "zod";
import type { UserActor } from "../actor.ts";
import type { Context } from "../context.ts";
import { UnauthenticatedError } from "../errors.ts";
import { transact } from "../transaction.ts";
import { audited } from "./audit/index.ts";
import { parseInput, text } from "./input.ts";

const profileInput = z.object({ name: text(200, 1) });

/**
 * Changes what a person is called; his address stays, for people are added to projects by it. Throws
 * InvalidInputError, UnauthenticatedError (disabled or gone meanwhile).
 */
export async function updateProfile(
  ctx: Context,
  actor: UserActor,
  input: { readonly name: string },
): Promise<User> {
  const { userId: id } = actor;
  const event = { action: "profile.update", target: { type: "User", id } } as const;
  return audited(ctx, actor, event, async (attempt) => {
    const { name } = parseInput(profileInput, input);
    return transact(ctx, async (tx) => {
      const [user] = await tx.db.user.updateManyAndReturn({
        where: { id, disabledAt: null },
        data: { name, updatedAt: tx.clock.now() },
      });
      if (!user) throw new UnauthenticatedError("This account is disabled, or no longer there.");
      await attempt.succeed(tx, { details: { changed: ["name"] } });
      return user;
    });
  });
}
