import type { Session } from "@shiplog/db";
import type { Actor, UserActor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { ForbiddenError, NotFoundError } from "../../errors.ts";
import { transact } from "../../transaction.ts";
import { audited } from "../audit/index.ts";
import { invalidateSession, invalidateUserSessions } from "./sessions.ts";

/** Throws ForbiddenError for a key. */
export function assertPerson(actor: Actor): UserActor {
  if (actor.type === "user") return actor;
  throw new ForbiddenError("Only a person who is signed in may do that.");
}

/** The person's live sessions, the last used first, at most 100. */
export async function listSessions(ctx: Context, actor: UserActor): Promise<Session[]> {
  return ctx.db.session.findMany({
    where: { userId: actor.userId, revokedAt: null, expiresAt: { gt: ctx.clock.now() } },
    orderBy: [{ lastUsedAt: "desc" }, { id: "desc" }],
    take: 100,
  });
}

/**
 * Ends one of the person's sessions, which may be the present one: its tokens stop working at once and its streams
 * close. Ending it twice answers the same; throws NotFoundError for one that is not his.
 */
export async function endSession(
  ctx: Context,
  actor: UserActor,
  input: { readonly id: string },
): Promise<void> {
  const event = { action: "session.end", target: { type: "Session", id: input.id } } as const;
  await audited(ctx, actor, event, async (attempt) => {
    const session = await ctx.db.session.findUnique({ where: { id: input.id, userId: actor.userId } });
    if (!session) throw new NotFoundError("session");
    await transact(ctx, async (tx) => {
      await invalidateSession(tx, session.id);
      await attempt.succeed(tx);
    });
  });
}

/** Ends all sessions of the person, or all but the present one; returns how many ended. */
export async function endSessions(
  ctx: Context,
  actor: UserActor,
  { keepThis }: { readonly keepThis: boolean },
): Promise<{ endedSessions: number }> {
  const event = { action: "sessions.end", target: { type: "User", id: actor.userId } } as const;
  return audited(ctx, actor, event, (attempt) =>
    transact(ctx, async (tx) => {
      const except = keepThis ? actor.sessionId : undefined;
      const endedSessions = await invalidateUserSessions(tx, actor.userId, except);
      await attempt.succeed(tx, { details: { endedSessions, keepThis } });
      return { endedSessions };
    }),
  );
}
