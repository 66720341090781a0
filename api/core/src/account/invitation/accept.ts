import type { Invitation, Project, User } from "@shiplog/db";
import { z } from "zod";
import type { UserActor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { ConflictError } from "../../errors.ts";
import { transact } from "../../transaction.ts";
import { audited } from "../audit/index.ts";
import { LinkNotValidError } from "../errors.ts";
import { parseInput, text } from "../input.ts";
import { hashPassword, newPassword } from "../password/credentials.ts";
import { roleAllows, roleOf } from "../policy.ts";
import { beginSession, type SignedIn, type SignInOrigin, withAccess } from "../session/sessions.ts";
import { matchesHash, parseRowSecret } from "../tokens.ts";
import { insertUser } from "../users.ts";

export type OpenInvitation = Invitation & { readonly project: Project; readonly createdBy: User | null };

/** What the holder of a link learns before he accepts. */
export interface InvitationPreview {
  readonly email: string;
  readonly role: string;
  readonly projectName: string;
  /** Null when the program itself invited. */
  readonly invitedBy: string | null;
  readonly expiresAt: Date;
  /** Somebody has that address: he signs in and accepts, instead of choosing a password. */
  readonly hasAccount: boolean;
}

/** What a link leads to. Throws LinkNotValidError. */
export async function previewInvitation(ctx: Context, token: string): Promise<InvitationPreview> {
  const { email, role, project, createdBy, expiresAt } = await readInvitation(ctx, token);
  const account = await ctx.db.user.findUnique({ where: { email }, select: { id: true } });
  return {
    email,
    role,
    projectName: project.name,
    invitedBy: createdBy?.name ?? null,
    expiresAt,
    hasAccount: account !== null,
  };
}

/** The open invitation behind a link; whoever invited must still have the power to. Throws LinkNotValidError. */
export async function readInvitation(ctx: Context, token: string): Promise<OpenInvitation> {
  const parsed = parseRowSecret("Invitation", token);
  const found =
    parsed &&
    (await ctx.db.invitation.findUnique({
      where: { id: parsed.id, acceptedAt: null, revokedAt: null, expiresAt: { gt: ctx.clock.now() } },
      include: { project: true, createdBy: true },
    }));
  if (!found?.hash || !matchesHash(parsed?.secret ?? "", found.hash)) throw new LinkNotValidError();
  await assertInviterMay(ctx, found);
  return found;
}

async function assertInviterMay(ctx: Context, { createdById, projectId }: Invitation): Promise<void> {
  if (createdById === null) return;
  const where = { projectId, userId: createdById, user: { disabledAt: null } };
  const member = await ctx.db.projectMember.findFirst({ where, select: { role: true } });
  if (!member || !roleAllows(member.role, "member.manage")) throw new LinkNotValidError();
}

/**
 * Of several who accept at once with one link, one succeeds; the others throw LinkNotValidError, as does whoever was
 * overtaken by the end of the link, or of the inviter's power, while his password waited for its hash.
 */
export async function claimInvitation(tx: Context, invitation: Invitation, userId: string): Promise<void> {
  const { id, projectId, role, hash } = invitation;
  const now = tx.clock.now();
  const { count } = await tx.db.invitation.updateMany({
    where: { id, hash, acceptedAt: null, revokedAt: null, expiresAt: { gt: now } },
    data: { acceptedAt: now, acceptedById: userId },
  });
  if (count === 0) throw new LinkNotValidError();
  await assertInviterMay(tx, invitation);
  await tx.db.projectMember.create({ data: { projectId, userId, role, createdAt: now } });
}

/** What the audit log says of an acceptance. */
export function acceptanceOf({ id, projectId }: Invitation) {
  return { action: "invitation.accept", projectId, target: { type: "Invitation", id } } as const;
}

/**
 * Makes the person who is signed in a member, once; it need not be the one with the invitation's address. Throws
 * LinkNotValidError, ConflictError (a member already: the link stays good). Returns the project's UUID.
 */
export async function acceptInvitation(
  ctx: Context,
  actor: UserActor,
  input: { readonly token: string },
): Promise<{ projectId: string }> {
  return audited(ctx, actor, { action: "invitation.accept" }, async (attempt) => {
    const invitation = await readInvitation(ctx, input.token);
    attempt.about(acceptanceOf(invitation));
    return transact(ctx, async (tx) => {
      if (await roleOf(tx, actor.userId, invitation.projectId)) {
        throw new ConflictError("You are a member of this project already.");
      }
      await claimInvitation(tx, invitation, actor.userId);
      await attempt.succeed(tx);
      return { projectId: invitation.projectId };
    });
  });
}

const newPerson = z.object({ name: text(200, 1), password: newPassword });

export interface NewPersonInput extends SignInOrigin {
  readonly token: string;
  readonly name: string;
  readonly password: string;
}

/** Somebody who is signed in by having accepted. */
export type Joined = SignedIn & { readonly project: Pick<Project, "id" | "slug"> };

/**
 * Makes an account with the invitation's address, a member of its project, and signs it in. Throws
 * LinkNotValidError, InvalidInputError, ConflictError (somebody has that address: he signs in and accepts),
 * BusyError.
 */
export async function acceptInvitationAsNew(ctx: Context, input: NewPersonInput): Promise<Joined> {
  const { token, name: _name, password: _password, ...origin } = input;
  // Before the entry: rubbish must not fill a log that nobody can empty.
  const invitation = await readInvitation(ctx, token);
  return audited(ctx, null, acceptanceOf(invitation), async (attempt) => {
    const { name, password } = parseInput(newPerson, input);
    const { email, project } = invitation;
    const passwordHash = await hashPassword(ctx, password);
    const begun = await transact(ctx, async (tx) => {
      const user = await insertUser(tx, { email, name, passwordHash, isAdmin: false });
      await claimInvitation(tx, invitation, user.id);
      const details = { newUser: true };
      await attempt.succeed(tx, { details });
      return beginSession(tx, ctx, { ...origin, userId: user.id, method: "password" });
    });
    return { ...(await withAccess(ctx, begun)), project };
  });
}
