import { type Actor, ForbiddenError, UnauthenticatedError } from "@shiplog/core";
import { type Permission, scopesAllow, TOKEN_PERMISSIONS } from "@shiplog/core/account";
import type { GraphQLContext } from "../context.ts";

/** The first fence: what the kind of actor and a key's scopes allow at all. Core decides per project. */
function fence(actor: Actor | null, permission: Permission): boolean {
  if (actor === null || actor.type === "token") return false;
  const scopes = scopesOf(actor);
  return scopes === null || scopesAllow(scopes, permission);
}

/** The scopes of a key, or of the keys that a scope stands for; null: a person, or the program itself. */
function scopesOf(actor: Actor): readonly string[] | null {
  return actor.type === "key" || actor.type === "scope" ? actor.scopes : null;
}

/** The same for the few fields that a stream token may use as well, if it was made for that. */
function streamFence(actor: Actor | null, permission: Permission): boolean {
  if (actor?.type !== "token") return fence(actor, permission);
  const table = TOKEN_PERMISSIONS[actor.target.kind];
  return actor.permissions.some((name) => table[name] === permission);
}

export function authScopes({ actor }: GraphQLContext) {
  return {
    public: true,
    signedIn: actor !== null && actor.type !== "token",
    person: actor !== null && actor.type !== "token" && scopesOf(actor) === null,
    can: (permission: Permission) => fence(actor, permission),
    stream: (permission: Permission) => streamFence(actor, permission),
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
