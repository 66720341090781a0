import { queryRaw, sql } from "@shiplog/db";
import { decide, type Permission, type Role, roleAllows } from "../account/policy.ts";
import type { Actor } from "../actor.ts";
import type { Context } from "../context.ts";

/** Why something open has to end: its credential is void, or its actor lost the permission. */
export type AccessLoss = "unauthenticated" | "forbidden";

/** Something that stays open under somebody's authority: a socket, or one stream on it. */
export interface Holder {
  readonly actor: Actor;
  /** What it needs beyond a valid credential; null: nothing. */
  readonly needs: { readonly projectId: string; readonly permission: Permission } | null;
  end(loss: AccessLoss): void;
}

/**
 * Looks every open holder over when access changed anywhere, and from time to time in case the news got lost or
 * a session ran out. Three statements at most, whatever the number of holders.
 */
export class AccessWatch {
  readonly #ctx: Context;
  readonly #holders = new Set<Holder>();
  readonly #unlisten: () => void;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | null = null;
  #checkAgain = false;
  #retry: NodeJS.Timeout | undefined;
  /** Grows with every change of access: whoever looked at a credential before it and adds later looks again. */
  changes = 0;

  constructor(ctx: Context, recheckMs: number) {
    this.#ctx = ctx;
    this.#unlisten = ctx.bus.onAccessChanged(() => {
      this.changes++;
      void this.check();
    });
    this.#timer = setInterval(() => void this.check(), recheckMs).unref();
  }

  /**
   * Add before the permission is checked for the first time: a loss between that check and the addition would
   * go unseen. Returns how to take the holder out.
   */
  add(holder: Holder): () => void {
    this.#holders.add(holder);
    return () => void this.#holders.delete(holder);
  }

  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#retry);
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
      const loss = await lossOf(this.#ctx, holder, grants);
      if (loss && this.#holders.delete(holder)) holder.end(loss);
    }
  }
}

interface Grants {
  readonly sessions: ReadonlySet<string>;
  /** Key -> its scopes. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  /** "project/user" -> role. */
  readonly roles: ReadonlyMap<string, Role>;
}

async function loadGrants(ctx: Context, holders: readonly Holder[]): Promise<Grants> {
  const sessions = new Set<string>();
  const keys = new Set<string>();
  const users = new Set<string>();
  const projects = new Set<string>();
  for (const { actor, needs } of holders) {
    if (actor.type === "key") keys.add(actor.keyId);
    if (actor.type !== "user") continue;
    sessions.add(actor.sessionId);
    if (needs) users.add(actor.userId) && projects.add(needs.projectId);
  }
  return {
    sessions: await liveSessions(ctx, [...sessions]),
    keys: await liveKeys(ctx, [...keys]),
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

async function liveKeys(ctx: Context, ids: string[]): Promise<Map<string, string[]>> {
  if (ids.length === 0) return new Map();
  const rows = await queryRaw<{ id: string; scopes: string[] }>(
    ctx.db,
    sql`SELECT id, scopes FROM api_key WHERE id = ANY(${ids}::uuid[]) AND revoked_at IS NULL
          AND (expires_at IS NULL OR expires_at > ${ctx.clock.now()})`,
  );
  return new Map(rows.map((row) => [row.id, row.scopes]));
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

async function lossOf(ctx: Context, { actor, needs }: Holder, grants: Grants): Promise<AccessLoss | null> {
  switch (actor.type) {
    case "system":
      return null;
    case "user": {
      if (!grants.sessions.has(actor.sessionId)) return "unauthenticated";
      if (!needs) return null;
      const role = grants.roles.get(`${needs.projectId}/${actor.userId}`);
      return role && roleAllows(role, needs.permission) ? null : "forbidden";
    }
    case "key": {
      const scopes = grants.keys.get(actor.keyId);
      if (!scopes) return "unauthenticated";
      // The decision about a key with its scopes at hand takes no statement.
      const decision = needs && (await decide(ctx, { ...actor, scopes }, needs.projectId, needs.permission));
      return decision === null || decision === "allowed" ? null : "forbidden";
    }
  }
}
