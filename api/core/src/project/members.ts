import { type ProjectMember, queryRaw, sql } from "@shiplog/db";
import { z } from "zod";
import {
  authorize,
  emailInput,
  isUniqueViolation,
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
  const { email, role: wanted } = parseInput(addInput, input);
  const user = await ctx.db.user.findUnique({ where: { email }, select: { id: true } });
  if (isOwnAddition(actor, user?.id)) await assertProject(ctx, projectId);
  else await authorize(ctx, actor, projectId, "member.manage");
  if (!user) throw new NotFoundError("person with that e-mail address");
  try {
    return await ctx.db.projectMember.create({
      data: { projectId, userId: user.id, role: wanted, createdAt: ctx.clock.now() },
    });
  } catch (error) {
    if (isUniqueViolation(error)) throw new ConflictError("That person is a member already.");
    throw error;
  }
}

function isOwnAddition(actor: Actor, userId: string | undefined): boolean {
  return actor.type === "user" && actor.isAdmin && actor.userId === userId;
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
  await authorize(ctx, actor, projectId, "member.manage");
  const wanted: Role = parseInput(z.object({ role }), input).role;
  return transact(ctx, async (tx) => {
    if (wanted !== "owner") await assertOtherOwner(tx, input);
    await assertMember(tx, input);
    const member = await tx.db.projectMember.update({
      where: { projectId_userId: { projectId, userId } },
      data: { role: wanted },
    });
    revoke(tx, { userId });
    return member;
  });
}

/**
 * Ends a membership; the member's open streams on the project end within a second. Needs member.manage, or is
 * the member himself. Throws NotFoundError, ConflictError for the last owner.
 */
export async function removeProjectMember(ctx: Context, actor: Actor, input: MemberKey): Promise<void> {
  const { projectId, userId } = input;
  const leaves = actor.type === "user" && actor.userId === userId;
  await authorize(ctx, actor, projectId, leaves ? "project.read" : "member.manage");
  await transact(ctx, async (tx) => {
    await assertOtherOwner(tx, input);
    await assertMember(tx, input);
    await tx.db.projectMember.delete({ where: { projectId_userId: { projectId, userId } } });
    revoke(tx, { userId });
  });
}

async function assertMember(tx: Context, { projectId, userId }: MemberKey): Promise<void> {
  if ((await roleOf(tx, userId, projectId)) === null) throw new NotFoundError("member");
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
