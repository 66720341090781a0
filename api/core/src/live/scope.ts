import { decideByRole, PERMISSIONS, type Permission, type Role } from "../account/policy.ts";
import type { Actor } from "../actor.ts";

/** What somebody may see in one project, for results that are made once for all who may see the same. */
export interface AccessScope {
  /** Equal for two actors when, and only when, one result serves both. */
  readonly key: string;
  /** As whom such a result is made. */
  readonly actor: Actor;
}

const ALL = Object.keys(PERMISSIONS) as Permission[];

const KNOWN = new Map<string, AccessScope>();
const KEPT = 1_000;

/** The same object for the same access: a thousand readers hold one. */
function interned(scope: AccessScope, projectId: string): AccessScope {
  const name = `${projectId} ${scope.key}`;
  const known = KNOWN.get(name);
  if (known) return known;
  KNOWN.set(name, scope);
  const [oldest] = KNOWN.keys();
  if (KNOWN.size > KEPT && oldest !== undefined) KNOWN.delete(oldest);
  return scope;
}

/** Derived from the one permission table; `role`: of `userIdOf(actor)` in the project (null: no member). */
export function scopeIn(actor: Actor, projectId: string, role: Role | null): AccessScope {
  switch (actor.type) {
    case "system":
    case "scope":
      return { key: actor.type, actor };
    case "token":
      // It sees one stream and no object at all: its issuer makes no difference.
      return { key: JSON.stringify([actor.target, [...actor.permissions].sort()]), actor };
    case "user":
    case "key": {
      const permissions = ALL.filter(
        (permission) => decideByRole(actor, projectId, permission, role) === "allowed",
      );
      const scopes = actor.type === "key" ? [...actor.scopes].sort() : null;
      const as = { type: "scope", projectId, permissions: new Set(permissions), scopes } as const;
      return interned({ key: JSON.stringify([scopes, permissions]), actor: as }, projectId);
    }
  }
}
