import { type Prisma, ProjectRole } from "@shiplog/db";
import type { Actor } from "../actor.ts";
import type { Context } from "../context.ts";
import { hasScope, PERMISSIONS, type Permission, roleAllows, type Scope } from "./policy.ts";

const NOTHING = { id: { in: [] as string[] } };
const NO_USER = { id: { in: [] as string[] } };

/** The projects in which the actor has a permission, by the one permission table. */
export function permittedProjects(actor: Actor, permission: Permission): Prisma.ProjectWhereInput {
  switch (actor.type) {
    case "system":
      return {};
    case "user": {
      const roles = Object.values(ProjectRole).filter((role) => roleAllows(role, permission));
      return { members: { some: { userId: actor.userId, role: { in: roles } } } };
    }
    case "key": {
      const scope: Scope | "any" | null = PERMISSIONS[permission].scope;
      const allowed = scope === "any" || (scope !== null && hasScope(actor.scopes, scope));
      return allowed ? { id: actor.projectId } : NOTHING;
    }
  }
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

/** The actor himself and the people of his projects; for an administrator everybody; for a key nobody. */
export function userVisibility(actor: Actor): Prisma.UserWhereInput {
  switch (actor.type) {
    case "system":
      return {};
    case "user": {
      const together = { memberships: { some: { project: permittedProjects(actor, "member.read") } } };
      return actor.isAdmin ? {} : { OR: [{ id: actor.userId }, together] };
    }
    case "key":
      return NO_USER;
  }
}

/** API keys of the projects whose keys the actor manages; a key sees itself. */
export function apiKeyVisibility(actor: Actor): Prisma.ApiKeyWhereInput {
  return actor.type === "key" ? { id: actor.keyId } : { project: permittedProjects(actor, "key.manage") };
}
