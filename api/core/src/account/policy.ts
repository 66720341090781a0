import {
  type Actor,
  principalOf,
  type StreamKind,
  type StreamTarget,
  type TokenActor,
  type TokenPermission,
  userIdOf,
} from "../actor.ts";
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

/** The one permission table of projects. */
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
  "agent.append": { role: "developer", scope: "agent:write" },
  "audit.read": { role: "owner", scope: null },
  "retention.manage": { role: "owner", scope: null },
  "metrics.read": { role: "viewer", scope: "metrics:read" },
} as const satisfies Record<string, Rule>;
export type Permission = keyof typeof PERMISSIONS;

/** An administrator has it through a session only, never through a key or a token; the program is `SYSTEM`. */
type InstanceHolder = "administrator" | "program";

/** The one permission table of the instance: what is decided without a look at any project, and who may. */
export const INSTANCE_PERMISSIONS = {
  "user.create": ["administrator", "program"],
  "user.update": ["administrator"],
  /** Every person's name and address; everybody else has those of the people of his projects. */
  "user.list": ["administrator", "program"],
  "password_reset.read": ["administrator", "program"],
  "password_reset.create_link": ["administrator", "program"],
  /** Where no mail is sent, the own link comes out where the program was started. */
  "password_reset.print_own": ["administrator"],
  "signing_key.rotate": ["administrator", "program"],
  /** The log of the whole instance, without the details of projects that one does not own. */
  "audit.read_instance": ["administrator", "program"],
  "workspace.list": ["administrator"],
  "workspace.link": ["administrator", "program"],
  /** Any workspace of the instance in a run, linked to its project or not. */
  "workspace.use_any": ["administrator", "program"],
  /** Oneself, in any project, without an owner's doing. */
  "member.add_self": ["administrator"],
  /** Texts of one's own where SHIPLOG_ADHOC_GRAPHQL is "administrators". */
  "graphql.ad_hoc": ["administrator"],
} as const satisfies Record<string, readonly InstanceHolder[]>;
export type InstancePermission = keyof typeof INSTANCE_PERMISSIONS;

/** Whether a person has a permission of the instance. */
export function personAllows(person: { readonly isAdmin: boolean }, permission: InstancePermission): boolean {
  return person.isAdmin && holds("administrator", permission);
}

/** Decides by the table of the instance. */
export function mayInstance(actor: Actor, permission: InstancePermission): boolean {
  switch (actor.type) {
    case "system":
      return holds("program", permission);
    case "user":
      return personAllows(actor, permission);
    case "key":
    case "token":
    case "scope":
      return false;
  }
}

function holds(holder: InstanceHolder, permission: InstancePermission): boolean {
  const holders: readonly InstanceHolder[] = INSTANCE_PERMISSIONS[permission];
  return holders.includes(holder);
}

/** Throws ForbiddenError unless the actor has the permission of the instance. */
export function authorizeInstance(actor: Actor, permission: InstancePermission): void {
  if (!mayInstance(actor, permission)) {
    throw new ForbiddenError("Only administrators of this installation may do that.");
  }
}

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

/** Whether a key with these scopes has a permission at all. */
export function scopesAllow(scopes: readonly string[], permission: Permission): boolean {
  const { scope }: Rule = PERMISSIONS[permission];
  return scope === "any" || (scope !== null && hasScope(scopes, scope));
}

/** What a stream token may be made for, by the kind of its stream; null: nothing of that kind. */
export const TOKEN_PERMISSIONS: Readonly<
  Record<StreamKind, Readonly<Record<TokenPermission, Permission | null>>>
> = {
  agent_execution: { read: "agent.read", append: "agent.append" },
  pipeline_execution: { read: "pipeline.read", append: null },
  project: { read: "project.read", append: null },
};

/** "unknown": the project must look as if it did not exist. */
export type Decision = "allowed" | "forbidden" | "unknown";

/**
 * Decides by the table; looks the membership up at each call, so that a change acts at once. `on` names the
 * stream that is read or appended to: a token has no permission without it.
 */
export async function decide(
  ctx: Context,
  actor: Actor,
  projectId: string,
  permission: Permission,
  on?: StreamTarget,
): Promise<Decision> {
  const limit = actor.type === "token" ? decideByToken(actor, projectId, permission, on) : "allowed";
  if (limit !== "allowed") return limit;
  const userId = userIdOf(actor);
  const role = userId === null ? null : await roleOf(ctx, userId, projectId);
  return decideByRole(principalOf(actor), projectId, permission, role);
}

/** As `decide`, with the role of `userIdOf(actor)` at hand. */
export function decideOn(
  actor: Actor,
  projectId: string,
  permission: Permission,
  role: Role | null,
  on: StreamTarget,
): Decision {
  const limit = actor.type === "token" ? decideByToken(actor, projectId, permission, on) : "allowed";
  return limit === "allowed" ? decideByRole(principalOf(actor), projectId, permission, role) : limit;
}

/** The decision with the role of `userIdOf(actor)` at hand; never about a token, which may less than its issuer. */
export function decideByRole(
  actor: Exclude<Actor, TokenActor>,
  projectId: string,
  permission: Permission,
  role: Role | null,
): Decision {
  switch (actor.type) {
    case "system":
      return "allowed";
    case "scope":
      if (actor.projectId !== projectId) return "unknown";
      return actor.permissions.has(permission) ? "allowed" : "forbidden";
    case "key": {
      if (actor.userId === null ? actor.projectId !== projectId : role === null) return "unknown";
      const allowed = scopesAllow(actor.scopes, permission);
      return allowed && (role === null || roleAllows(role, permission)) ? "allowed" : "forbidden";
    }
    case "user":
      if (role === null) return "unknown";
      return roleAllows(role, permission) ? "allowed" : "forbidden";
  }
}

/** Deny by default: the one stream, and of its permissions those the token names. */
function decideByToken(
  { target, permissions, ...token }: TokenActor,
  projectId: string,
  permission: Permission,
  on: StreamTarget | undefined,
): Decision {
  if (token.projectId !== projectId || on?.kind !== target.kind || on.id !== target.id) return "unknown";
  const table = TOKEN_PERMISSIONS[target.kind];
  return permissions.some((name) => table[name] === permission) ? "allowed" : "forbidden";
}

/**
 * Throws NotFoundError (a stranger learns nothing) or ForbiddenError unless the actor has the permission. `named` is
 * what the caller named: in a foreign project it is told to be missing in the same words as one that is.
 */
export async function authorize(
  ctx: Context,
  actor: Actor,
  projectId: string,
  permission: Permission,
  named = "project",
): Promise<void> {
  const decision = await decide(ctx, actor, projectId, permission);
  if (decision === "unknown") throw new NotFoundError(named);
  if (decision === "forbidden") throw new ForbiddenError(`This needs the permission ${permission}.`);
}
