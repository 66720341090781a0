import { type Prisma, ProjectRole } from "@shiplog/db";
import type { Actor } from "../actor.ts";
import type { Context } from "../context.ts";
import { mayInstance, type Permission, roleAllows, scopesAllow } from "./policy.ts";

const NOTHING = { id: { in: [] as string[] } };

/** The projects in which the actor has a permission, by the one permission table; for a stream token none. */
export function permittedProjects(actor: Actor, permission: Permission): Prisma.ProjectWhereInput {
  switch (actor.type) {
    case "system":
      return {};
    case "user":
      return projectsOf(actor.userId, permission);
    case "scope":
      return actor.permissions.has(permission) ? { id: actor.projectId } : NOTHING;
    case "key": {
      if (!scopesAllow(actor.scopes, permission)) return NOTHING;
      if (actor.userId !== null) return projectsOf(actor.userId, permission);
      return actor.projectId === null ? NOTHING : { id: actor.projectId };
    }
    case "token":
      return NOTHING;
  }
}

function projectsOf(userId: string, permission: Permission): Prisma.ProjectWhereInput {
  const roles = Object.values(ProjectRole).filter((role) => roleAllows(role, permission));
  return { members: { some: { userId, role: { in: roles } } } };
}

/** The same as UUIDs, for tables without a relation to their project. One statement. */
export async function permittedProjectIds(
  ctx: Context,
  actor: Actor,
  permission: Permission,
): Promise<string[]> {
  const where = permittedProjects(actor, permission);
  const projects = await ctx.db.project.findMany({ where, select: { id: true } });
  return projects.map((project) => project.id);
}

/**
 * The actor himself and the people of his projects; for an administrator everybody; for a person's key that person;
 * for other keys and tokens nobody.
 */
export function userVisibility(actor: Actor): Prisma.UserWhereInput {
  switch (actor.type) {
    case "system":
      return {};
    case "user": {
      const together = { memberships: { some: { project: permittedProjects(actor, "member.read") } } };
      return mayInstance(actor, "user.list") ? {} : { OR: [{ id: actor.userId }, together] };
    }
    case "key":
      return actor.userId === null ? NOTHING : { id: actor.userId };
    case "token":
    case "scope":
      return NOTHING;
  }
}

/**
 * Audit entries of the projects whose log the actor may read; for an administrator all of them, of which he may read
 * the `details` only where he is an owner. One statement, none for an administrator.
 */
export async function auditVisibility(ctx: Context, actor: Actor): Promise<Prisma.AuditEntryWhereInput> {
  if (mayInstance(actor, "audit.read_instance")) return {};
  return { projectId: { in: await permittedProjectIds(ctx, actor, "audit.read") } };
}

/** The person's own keys, and those of the projects whose keys he manages; a key sees itself. */
export function apiKeyVisibility(actor: Actor): Prisma.ApiKeyWhereInput {
  switch (actor.type) {
    case "system":
      return {};
    case "user":
      return { OR: [{ userId: actor.userId }, { project: permittedProjects(actor, "key.manage") }] };
    case "key":
      return { id: actor.keyId };
    case "token":
    case "scope":
      return NOTHING;
  }
}

/** Invitations to the projects whose members the actor manages. */
export function invitationVisibility(actor: Actor): Prisma.InvitationWhereInput {
  return { project: permittedProjects(actor, "member.manage") };
}
