import type { Invitation } from "@shiplog/db";
import { z } from "zod";
import type { Actor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { ConflictError, ForbiddenError, NotFoundError } from "../../errors.ts";
import { transact } from "../../transaction.ts";
import { audited } from "../audit/index.ts";
import { emailInput, parseInput } from "../input.ts";
import { invitationMail } from "../mails.ts";
import { authorize } from "../policy.ts";
import { reserve } from "../throttle.ts";
import { hashSecret, newRowSecret } from "../tokens.ts";

const INVITATION_MS = 7 * 24 * 3_600_000;
/** Somebody who makes a project may write to addresses of strangers: within bounds. */
const SENT_BY_ONE = { free: 50, leakSeconds: 300 };

const createInput = z.object({
  email: emailInput,
  role: z.enum(["viewer", "developer", "maintainer", "owner"]),
});

export interface CreateInvitationInput {
  /** UUID of the project. */
  readonly projectId: string;
  readonly email: string;
  /** viewer, developer, maintainer or owner. */
  readonly role: string;
}

/** `link` is null when it goes out by mail; else whoever invites passes it on. It is not stored. */
export interface CreatedInvitation {
  readonly invitation: Invitation;
  readonly link: string | null;
}

/**
 * Invites an address to a project; an earlier open invitation of that address is replaced. Needs member.manage;
 * throws NotFoundError, ForbiddenError, InvalidInputError, ConflictError (a member already), TooManyAttemptsError.
 */
export async function createInvitation(
  ctx: Context,
  actor: Actor,
  input: CreateInvitationInput,
): Promise<CreatedInvitation> {
  const { projectId } = input;
  return audited(ctx, actor, { action: "invitation.create", projectId }, async (attempt) => {
    await authorize(ctx, actor, projectId, "member.manage");
    const { email, role } = parseInput(createInput, input);
    if (await ctx.db.projectMember.findFirst({ where: { projectId, user: { email } } })) {
      throw new ConflictError("That person is a member already.");
    }
    const createdById = actor.type === "user" ? actor.userId : null;
    if (createdById) await reserve(ctx, [{ key: `invite:${createdById}`, ...SENT_BY_ONE }]);
    return transact(ctx, async (tx) => {
      const now = tx.clock.now();
      await tx.db.invitation.updateMany({
        where: { projectId, email, acceptedAt: null, revokedAt: null },
        data: { revokedAt: now },
      });
      const invitation = await tx.db.invitation.create({
        data: {
          id: tx.newId(),
          projectId,
          email,
          role,
          createdById,
          createdAt: now,
          expiresAt: new Date(now.getTime() + INVITATION_MS),
        },
      });
      const target = { type: "Invitation", id: invitation.id } as const;
      await attempt.succeed(tx, { target, details: { email, role } });
      if (!tx.mailer.delivers) return { invitation, link: await linkTo(tx, invitation.id) };
      await tx.jobs.enqueue(tx.db, "send_invitation", { id: invitation.id });
      return { invitation, link: null };
    });
  });
}

/** Gives an open invitation its link; one that it had before works no longer. */
async function linkTo(ctx: Context, id: string): Promise<string> {
  const { text, secret } = newRowSecret(ctx, "Invitation", id);
  const hash = new Uint8Array(hashSecret(secret));
  await ctx.db.invitation.updateMany({ where: { id, acceptedAt: null, revokedAt: null }, data: { hash } });
  return `${ctx.settings.publicUrl}/invitation#${text}`;
}

/** The job's part: mails the link, which is made here, so that its secret is nowhere but in the message. */
export async function sendInvitation(ctx: Context, { id }: { readonly id: string }): Promise<void> {
  const invitation = await ctx.db.invitation.findUnique({
    where: { id, acceptedAt: null, revokedAt: null, expiresAt: { gt: ctx.clock.now() } },
    include: { project: true, createdBy: true },
  });
  if (!invitation) return;
  const { email, role, project, createdBy } = invitation;
  const text = { email, role, project: project.name, inviter: createdBy?.name ?? null };
  await ctx.mailer.send(invitationMail(text, await linkTo(ctx, id)));
}

/** Ends an open invitation; ending it twice answers the same. Needs member.manage; throws NotFoundError. */
export async function revokeInvitation(
  ctx: Context,
  actor: Actor,
  input: { readonly id: string },
): Promise<Invitation> {
  const target = { type: "Invitation", id: input.id } as const;
  return audited(ctx, actor, { action: "invitation.revoke", target }, async (attempt) => {
    const found = await ctx.db.invitation.findUnique({ where: { id: input.id } });
    if (!found) throw new NotFoundError("invitation");
    attempt.about({ projectId: found.projectId });
    await authorize(ctx, actor, found.projectId, "member.manage").catch((error) => {
      throw error instanceof ForbiddenError ? error : new NotFoundError("invitation");
    });
    return transact(ctx, async (tx) => {
      await tx.db.invitation.updateMany({
        where: { id: found.id, acceptedAt: null, revokedAt: null },
        data: { revokedAt: tx.clock.now() },
      });
      const invitation = await tx.db.invitation.findUniqueOrThrow({ where: { id: found.id } });
      if (invitation.acceptedAt) throw new ConflictError("The invitation was accepted already.");
      await attempt.succeed(tx);
      return invitation;
    });
  });
}
