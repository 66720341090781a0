import { type Actor, ForbiddenError, UnauthenticatedError } from "@shiplog/core";
import { hasScope, PERMISSIONS, type Permission } from "@shiplog/core/account";
import type { GraphQLContext } from "../context.ts";

/** The first fence: what the kind of actor and a key's scopes allow at all. Core decides per project. */
function fence(actor: Actor | null, permission: Permission): boolean {
  if (actor === null) return false;
  if (actor.type !== "key") return true;
  const { scope } = PERMISSIONS[permission];
  return scope === "any" || (scope !== null && hasScope(actor.scopes, scope));
}

export function authScopes({ actor }: GraphQLContext) {
  return {
    public: true,
    signedIn: actor !== null,
    person: actor !== null && actor.type !== "key",
    can: (permission: Permission) => fence(actor, permission),
  };
}

/** Both transports show it with its code; in a mutation it is a member of the union. */
export function unauthorizedError(_parent: unknown, ctx: GraphQLContext): Error {
  return ctx.actor
    ? new ForbiddenError("The key's scopes, or the kind of caller, do not allow this.")
    : new UnauthenticatedError("Sign in, or send an API key.");
}

/** The caller; fields that call this are closed to strangers by their scopes. */
export function actorOf(ctx: GraphQLContext): Actor {
  if (!ctx.actor) throw new UnauthenticatedError("Sign in, or send an API key.");
  return ctx.actor;
}
