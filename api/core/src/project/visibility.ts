import type { Prisma } from "@shiplog/db";
import { hasScope, type Scope } from "../account/policy.ts";
import type { Actor } from "../actor.ts";

const NOTHING = { id: { in: [] as string[] } };

/**
 * The tenant filter of everything that belongs to a project: rows of projects that the actor is a member of; for
 * a key, rows of its project when it has the scope. Every query of core and every Prisma-backed field spreads it.
 */
export function projectVisibility(actor: Actor, scope: Scope | "any" = "any"): Prisma.ProjectWhereInput {
  switch (actor.type) {
    case "system":
      return {};
    case "user":
      return { members: { some: { userId: actor.userId } } };
    case "key":
      return scope === "any" || hasScope(actor.scopes, scope) ? { id: actor.projectId } : NOTHING;
  }
}
