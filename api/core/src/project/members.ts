import { type ProjectMember, queryRaw, sql } from "@shiplog/db";
import { z } from "zod";
import {
  type AuditEvent,
  audited,
  authorize,
  emailInput,
  isUniqueViolation,
  mayInstance,
  parseInput,
  type Role,
  revoke,
  roleOf,
} from "../account/index.ts";
import type { Actor } from "../actor.ts";
import type { Context } from "../context.ts";
import { ConflictError, NotFoundError } from "../errors.ts";
import { transact } from "../transaction.ts";
import { lastOwnerError } from "./errors.ts";

const role = z.enum(["viewer", "developer", "maintainer", "owner"]);
const addInput = z.object({ email: emailInput, role });

/** A membership is named by its project and its user (UUIDs). */
export interface MemberKey {
  readonly projectId: string;
  readonly userId: string;
}

/**
 * Makes somebody who has an account a member. Needs member.manage; an administrator may also add himself
 * anywhere. Throws NotFoundError (project, or nobody has that e-mail), ConflictError (a member already).
 */
export async function addProjectMember(
  ctx: Context,
  actor: Actor,
  input: { readonly projectId: string; readonly email: string; readonly role: string },
): Promise<ProjectMember> {
  const { projectId } = input;
  return audited(ctx, actor, { action: "project_member.add", projectId }, async (attempt) => {
    const { email, role: wanted } = parseInput(addInput, input);
    const user = await ctx.db.user.findUnique({ where: { email }, select: { id: true } });
    if (isOwnAddition(actor, user?.id)) await assertProject(ctx, projectId);
    else await authorize(ctx, actor, projectId, "member.manage");
    if (!user) throw new NotFoundError("person with that e-mail address");
    const member = { projectId, userId: user.id };
    return transact(ctx, async (tx) => {
      await attempt.succeed(tx, { target: targetOf(member), details: { role: wanted } });
      return tx.db.projectMember.create({ data: { ...member, role: wanted, createdAt: ctx.clock.now() } });
    }).catch((error) => {
      if (isUniqueViolation(error)) throw new ConflictError("That person is a member already.");
      throw error;
    });
  });
}

function targetOf({ projectId, userId }: MemberKey) {
  return { type: "ProjectMember", id: `${projectId}:${userId}` } as const;
}

function eventOf(action: string, member: MemberKey): AuditEvent {
  return { action, projectId: member.projectId, target: targetOf(member) };
}

function isOwnAddition(actor: Actor, userId: string | undefined): boolean {
  return actor.type === "user" && actor.userId === userId && mayInstance(actor, "member.add_self");
}

async function assertProject(ctx: Context, id: string): Promise<void> {
  if (!(await ctx.db.project.findUnique({ where: { id }, select: { id: true } })))
    throw new NotFoundError("project");
}

/** Changes a member's role. Needs member.manage; throws NotFoundError, ConflictError for the last owner. */
export async function updateProjectMember(
  ctx: Context,
  actor: Actor,
  input: MemberKey & { readonly role: string },
): Promise<ProjectMember> {
  const { projectId, userId } = input;
  return audited(ctx, actor, eventOf("project_member.update", input), async (attempt) => {
    await authorize(ctx, actor, projectId, "member.manage");
    const wanted: Role = parseInput(z.object({ role }), input).role;
    return transact(ctx, async (tx) => {
      if (wanted !== "owner") await assertOtherOwner(tx, input);
      const before = await memberRole(tx, input);
      const member = await tx.db.projectMember.update({
        where: { projectId_userId: { projectId, userId } },
        data: { role: wanted },
      });
      await attempt.succeed(tx, { details: { before, role: wanted } });
      revoke(tx, { userId });
      return member;
    });
  });
}

/**
 * Ends a membership; the member's open streams on the project end within a second. Needs member.manage, or is
 * the member himself. Throws NotFoundError, ConflictError for the last owner.
 */
export async function removeProjectMember(ctx: Context, actor: Actor, input: MemberKey): Promise<void> {
  const { projectId, userId } = input;
  const leaves = actor.type === "user" && actor.userId === userId;
  await audited(ctx, actor, eventOf("project_member.remove", input), async (attempt) => {
    await authorize(ctx, actor, projectId, leaves ? "project.read" : "member.manage");
    await transact(ctx, async (tx) => {
      await assertOtherOwner(tx, input);
      const before = await memberRole(tx, input);
      await tx.db.projectMember.delete({ where: { projectId_userId: { projectId, userId } } });
      await attempt.succeed(tx, { details: { before } });
      revoke(tx, { userId });
    });
  });
}

async function memberRole(tx: Context, { projectId, userId }: MemberKey): Promise<Role> {
  const found = await roleOf(tx, userId, projectId);
  if (found === null) throw new NotFoundError("member");
  return found;
}

/** Locks the project's owners, so that two owners who remove each other cannot both succeed. */
async function assertOtherOwner(tx: Context, { projectId, userId }: MemberKey): Promise<void> {
  const owners = await queryRaw<{ userId: string }>(
    tx.db,
    sql`SELECT user_id AS "userId" FROM project_member
        WHERE project_id = ${projectId}::uuid AND role = 'owner' ORDER BY user_id FOR UPDATE`,
  );
  if (owners.length === 1 && owners[0]?.userId === userId) throw lastOwnerError();
}
