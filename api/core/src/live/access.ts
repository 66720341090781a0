import { AsyncResource } from "node:async_hooks";
import { queryRaw, sql } from "@shiplog/db";
import { decideByRole, type Permission, type Role } from "../account/policy.ts";
import { type Actor, principalOf, userIdOf } from "../actor.ts";
import type { Context } from "../context.ts";
import { type AccessScope, scopeIn } from "./scope.ts";

/**
 * Why something open has to end: its credential is void, the key that signed it was replaced, or its actor lost the
 * permission.
 */
export type AccessLoss = "unauthenticated" | "outdated" | "forbidden";

/** Something that stays open under somebody's authority: a socket, or one stream on it. */
export interface Holder {
  readonly actor: Actor;
  /** The signing key that vouches for its credential; absent: none does. */
  readonly signedBy?: string | null;
  /** What it needs beyond a valid credential; null: nothing. */
  readonly needs: { readonly projectId: string; readonly permission: Permission } | null;
  end(loss: AccessLoss): void;
  /** What the actor may see there, as it is now. Not called when nothing is needed. */
  rescope?(scope: AccessScope): void;
}

/**
 * Looks every open holder over when access changed anywhere, and from time to time in case the news got lost or
 * a session ran out. Four statements at most, whatever the number of holders.
 */
export class AccessWatch {
  readonly #ctx: Context;
  readonly #recheckMs: number;
  readonly #holders = new Set<Holder>();
  readonly #unlisten: () => void;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | null = null;
  #checkAgain = false;
  #retry: NodeJS.Timeout | undefined;
  #soonest: NodeJS.Timeout | undefined;
  #asked: RoleQuestion | null = null;
  /** In nobody's context: what many ask for together ends with nobody's deadline. */
  readonly #rolesOf = AsyncResource.bind((users: string[], projects: string[]) =>
    rolesOf(this.#ctx, users, projects),
  );
  /** Grows with every change of access: whoever looked at a credential before it and adds later looks again. */
  changes = 0;

  constructor(ctx: Context, recheckMs: number) {
    this.#ctx = ctx;
    this.#recheckMs = recheckMs;
    this.#unlisten = ctx.bus.onAccessChanged(() => {
      this.changes++;
      void this.check();
    });
    this.#timer = setInterval(() => void this.check(), recheckMs).unref();
  }

  /**
   * Add before the permission is checked for the first time: a loss between that check and the addition would
   * go unseen.
   */
  add(holder: Holder): void {
    this.#holders.add(holder);
  }

  /** Looks it over no more. */
  remove(holder: Holder): void {
    this.#holders.delete(holder);
  }

  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#retry);
    clearTimeout(this.#soonest);
    this.#unlisten();
    this.#holders.clear();
  }

  /**
   * Resolves when everything added before the call was looked over. A check asked for while one runs makes exactly
   * one more: the running one may have read before the change.
   */
  check(): Promise<void> {
    this.#checkAgain = true;
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    try {
      while (this.#checkAgain) {
        this.#checkAgain = false;
        await this.#checkOnce();
      }
    } catch (error) {
      this.#ctx.log.warn({ error }, "open streams could not be checked for access; trying again");
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => void this.check(), 500).unref();
    } finally {
      this.#running = null;
    }
  }

  async #checkOnce(): Promise<void> {
    const holders = [...this.#holders];
    const grants = await loadGrants(this.#ctx, holders);
    for (const holder of holders) {
      const found = standingOf(holder, grants);
      if (typeof found !== "string") {
        if (found && this.#holders.has(holder)) holder.rescope?.(found);
      } else if (this.#holders.delete(holder)) holder.end(found);
    }
    this.#checkWhenKeyEnds(grants);
  }

  /** A rotation brings the end of a key forward while its streams are open. */
  #checkWhenKeyEnds({ keys }: Grants): void {
    clearTimeout(this.#soonest);
    const ends = [...keys.values()].flatMap(({ expiresAt }) => expiresAt?.getTime() ?? []);
    const waitMs = Math.min(...ends) - this.#ctx.clock.now().getTime();
    if (waitMs > this.#recheckMs) return;
    this.#soonest = setTimeout(() => void this.check(), Math.max(0, waitMs)).unref();
  }

  /**
   * The role of a user in a project; null when he is no member. Whoever asks in the same turn of the event loop
   * shares a statement: a thousand streams that come back at once are few.
   */
  roleOf(userId: string, projectId: string): Promise<Role | null> {
    this.#asked ??= this.#askAtOnce();
    const { users, projects, roles } = this.#asked;
    users.add(userId);
    projects.add(projectId);
    return roles.then((found) => found.get(`${projectId}/${userId}`) ?? null);
  }

  #askAtOnce(): RoleQuestion {
    const [users, projects] = [new Set<string>(), new Set<string>()];
    const { promise: roles, resolve } = Promise.withResolvers<Map<string, Role>>();
    setImmediate(() => {
      this.#asked = null;
      resolve(this.#rolesOf([...users], [...projects]));
    });
    return { users, projects, roles };
  }
}

type Principal = ReturnType<typeof principalOf>;

/** Roles that are asked for together. */
interface RoleQuestion {
  readonly users: Set<string>;
  readonly projects: Set<string>;
  readonly roles: Promise<Map<string, Role>>;
}

interface LiveKey {
  readonly id: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date | null;
}

interface Grants {
  readonly sessions: ReadonlySet<string>;
  readonly keys: ReadonlyMap<string, LiveKey>;
  /** Signing keys that vouch for what they signed. */
  readonly signers: ReadonlySet<string>;
  /** "project/user" -> role. */
  readonly roles: ReadonlyMap<string, Role>;
}

async function loadGrants(ctx: Context, holders: readonly Holder[]): Promise<Grants> {
  const sessions = new Set<string>();
  const keys = new Set<string>();
  const signers = new Set<string>();
  const users = new Set<string>();
  const projects = new Set<string>();
  for (const { actor, needs, signedBy } of holders) {
    if (signedBy) signers.add(signedBy);
    const principal = principalOf(actor);
    if (principal.type === "key") keys.add(principal.keyId);
    if (principal.type === "user") sessions.add(principal.sessionId);
    const userId = userIdOf(actor);
    if (needs && userId !== null) users.add(userId) && projects.add(needs.projectId);
  }
  return {
    sessions: await liveSessions(ctx, [...sessions]),
    keys: await liveKeys(ctx, [...keys]),
    signers: await liveSigners(ctx, [...signers]),
    roles: await rolesOf(ctx, [...users], [...projects]),
  };
}

async function liveSessions(ctx: Context, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await queryRaw<{ id: string }>(
    ctx.db,
    sql`SELECT s.id FROM session s JOIN "user" u ON u.id = s.user_id
        WHERE s.id = ANY(${ids}::uuid[]) AND s.revoked_at IS NULL AND s.expires_at > ${ctx.clock.now()}
          AND u.disabled_at IS NULL`,
  );
  return new Set(rows.map((row) => row.id));
}

async function liveKeys(ctx: Context, ids: string[]): Promise<Map<string, LiveKey>> {
  if (ids.length === 0) return new Map();
  const rows = await queryRaw<LiveKey>(
    ctx.db,
    sql`SELECT k.id, k.scopes, k.expires_at AS "expiresAt" FROM api_key k LEFT JOIN "user" u ON u.id = k.user_id
        WHERE k.id = ANY(${ids}::uuid[]) AND k.revoked_at IS NULL AND u.disabled_at IS NULL
          AND (k.expires_at IS NULL OR k.expires_at > ${ctx.clock.now()})`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

async function liveSigners(ctx: Context, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await queryRaw<{ id: string }>(
    ctx.db,
    sql`SELECT id FROM signing_key
        WHERE id = ANY(${ids}::text[]) AND (retired_at IS NULL OR retired_at > ${ctx.clock.now()})`,
  );
  return new Set(rows.map((row) => row.id));
}

async function rolesOf(ctx: Context, users: string[], projects: string[]): Promise<Map<string, Role>> {
  if (users.length === 0) return new Map();
  const rows = await queryRaw<{ projectId: string; userId: string; role: Role }>(
    ctx.db,
    sql`SELECT project_id AS "projectId", user_id AS "userId", role::text FROM project_member
        WHERE user_id = ANY(${users}::uuid[]) AND project_id = ANY(${projects}::uuid[])`,
  );
  return new Map(rows.map((row) => [`${row.projectId}/${row.userId}`, row.role]));
}

/**
 * What a holder may see in the project it needs (null: it needs none), or why it has to end. A stream token holds
 * as long as its issuer could open the stream; its own end is its holder's to know.
 */
function standingOf({ actor, needs, signedBy }: Holder, grants: Grants): AccessScope | AccessLoss | null {
  const principal = withPresentScopes(principalOf(actor), grants);
  if (!principal) return "unauthenticated";
  if (signedBy && !grants.signers.has(signedBy)) return "outdated";
  if (!needs) return null;
  const { projectId, permission } = needs;
  const role = grants.roles.get(`${projectId}/${userIdOf(principal)}`) ?? null;
  if (decideByRole(principal, projectId, permission, role) !== "allowed") return "forbidden";
  return scopeIn(actor.type === "token" ? actor : principal, projectId, role);
}

/** The principal as it is now; null when its session or key is void. */
function withPresentScopes(principal: Principal, grants: Grants): Principal | null {
  switch (principal.type) {
    case "system":
    case "scope":
      return principal;
    case "user":
      return grants.sessions.has(principal.sessionId) ? principal : null;
    case "key": {
      const key = grants.keys.get(principal.keyId);
      return key ? { ...principal, scopes: key.scopes } : null;
    }
  }
}
