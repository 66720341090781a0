import type { Actor } from "../actor.ts";
import type { Context } from "../context.ts";
import { ForbiddenError, NotFoundError } from "../errors.ts";

export type Role = "viewer" | "developer" | "maintainer" | "owner";

const RANK: Record<Role, number> = { viewer: 0, developer: 1, maintainer: 2, owner: 3 };

/** A resource and read or write; `write` includes `read` of the same resource. */
export const SCOPES = [
  "project:read",
  "activity:read",
  "activity:write",
  "agent:read",
  "agent:write",
  "pipeline:read",
  "pipeline:write",
  "metrics:read",
] as const;
export type Scope = (typeof SCOPES)[number];

interface Rule {
  /** The least role that has the permission. */
  readonly role: Role;
  /** The scope a key needs; "any" = every key of the project; null = no key. */
  readonly scope: Scope | "any" | null;
}

/** The one permission table. */
export const PERMISSIONS = {
  "project.read": { role: "viewer", scope: "any" },
  "project.update": { role: "maintainer", scope: null },
  "project.delete": { role: "owner", scope: null },
  "member.read": { role: "viewer", scope: null },
  "member.manage": { role: "owner", scope: null },
  "key.manage": { role: "maintainer", scope: null },
  "integration.read": { role: "maintainer", scope: null },
  "integration.manage": { role: "maintainer", scope: null },
  "delivery.read": { role: "maintainer", scope: null },
  "delivery.reprocess": { role: "maintainer", scope: null },
  "pipeline.read": { role: "viewer", scope: "pipeline:read" },
  "activity.read": { role: "viewer", scope: "activity:read" },
  "activity.write": { role: "developer", scope: "activity:write" },
  "agent.read": { role: "viewer", scope: "agent:read" },
  "agent.write": { role: "developer", scope: "agent:write" },
  "metrics.read": { role: "viewer", scope: "metrics:read" },
} as const satisfies Record<string, Rule>;
export type Permission = keyof typeof PERMISSIONS;

/** Whether a key with these scopes has the scope; `x:write` includes `x:read`. */
export function hasScope(scopes: readonly string[], wanted: Scope): boolean {
  return scopes.includes(wanted) || scopes.includes(wanted.replace(/:read$/, ":write"));
}

/** Whether a role has a permission. */
export function roleAllows(role: Role, permission: Permission): boolean {
  return RANK[role] >= RANK[PERMISSIONS[permission].role];
}

/** The role of a user in a project; null when he is no member. One statement. */
export async function roleOf(ctx: Context, userId: string, projectId: string): Promise<Role | null> {
  const member = await ctx.db.projectMember.findUnique({
    where: { projectId_userId: { projectId, userId } },
    select: { role: true },
  });
  return member?.role ?? null;
}

/** "unknown": the project must look as if it did not exist. */
export type Decision = "allowed" | "forbidden" | "unknown";

/** Decides by the table; looks the membership up at each call, so that a change acts at once. */
export async function decide(
  ctx: Context,
  actor: Actor,
  projectId: string,
  permission: Permission,
): Promise<Decision> {
  switch (actor.type) {
    case "system":
      return "allowed";
    case "key": {
      if (actor.projectId !== projectId) return "unknown";
      const { scope }: Rule = PERMISSIONS[permission];
      if (scope === "any") return "allowed";
      return scope !== null && hasScope(actor.scopes, scope) ? "allowed" : "forbidden";
    }
    case "user": {
      const role = await roleOf(ctx, actor.userId, projectId);
      if (role === null) return "unknown";
      return roleAllows(role, permission) ? "allowed" : "forbidden";
    }
  }
}

/** Throws NotFoundError (a stranger learns nothing) or ForbiddenError unless the actor has the permission. */
export async function authorize(
  ctx: Context,
  actor: Actor,
  projectId: string,
  permission: Permission,
): Promise<void> {
  const decision = await decide(ctx, actor, projectId, permission);
  if (decision === "unknown") throw new NotFoundError("project");
  if (decision === "forbidden") throw new ForbiddenError(`This needs the permission ${permission}.`);
}
