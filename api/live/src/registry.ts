import { type Actor, principalOf } from "@shiplog/core";
import type { AccessLoss, Holder } from "@shiplog/core/live";
import type { Credential, Live } from "./options.ts";

/** Why the credential of a connection no longer holds: revoked for good, or run out and to be renewed. */
export type CredentialEnd = "revoked" | "expired";

/** A socket or an event stream, as far as credentials are concerned. */
export interface Holding {
  /** Null before there is one: it must not be registered then. */
  readonly credential: Credential | null;
  end(why: CredentialEnd): void;
}

/** What the access watch knows of a holding, under the credential that it was added with. */
class Watched implements Holder {
  readonly needs = null;
  readonly actor: Actor;
  readonly #holding: Holding;
  readonly #registry: Registry;

  constructor(registry: Registry, holding: Holding, actor: Actor) {
    this.#registry = registry;
    this.#holding = holding;
    this.actor = actor;
  }

  /** As it is now: a credential may be renewed. */
  get signedBy(): string | null {
    return this.#holding.credential?.signedBy ?? null;
  }

  end(loss: AccessLoss): void {
    this.#registry.end(this.#holding, loss === "outdated" ? "expired" : "revoked");
  }
}

/** Who holds what open: limits per actor, and the end of each credential. One timer for all. */
export class Registry {
  readonly #live: Live;
  readonly #holdings = new Map<Holding, Watched>();
  readonly #counts = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(live: Live) {
    this.#live = live;
    this.#timer = setInterval(() => this.#endExpired(), live.limits.expiryMs).unref();
  }

  /**
   * False when the actor holds as many as he may. `before` is `changes` of the access watch from before the
   * credential was looked at: what was revoked since is found out now.
   */
  add(holding: Holding, before: number): boolean {
    const { credential } = holding;
    if (!credential) throw new Error("nobody holds that");
    const { actor } = credential;
    const who = actorName(actor);
    const count = this.#counts.get(who) ?? 0;
    if (count >= this.#live.limits.connectionsPerActor) return false;
    this.#counts.set(who, count + 1);
    const { access } = this.#live.streams;
    const watched = new Watched(this, holding, actor);
    access.add(watched);
    this.#holdings.set(holding, watched);
    if (access.changes !== before) void access.check();
    return true;
  }

  /** It was let go of. */
  remove(holding: Holding): void {
    const watched = this.#holdings.get(holding);
    if (!watched) return;
    this.#holdings.delete(holding);
    this.#live.streams.access.remove(watched);
    const who = actorName(watched.actor);
    const left = (this.#counts.get(who) ?? 1) - 1;
    if (left > 0) this.#counts.set(who, left);
    else this.#counts.delete(who);
  }

  /** Its credential no longer holds. */
  end(holding: Holding, why: CredentialEnd): void {
    this.remove(holding);
    holding.end(why);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #endExpired(): void {
    const now = this.#live.ctx.clock.now();
    for (const holding of this.#holdings.keys()) {
      if (!holding.credential) continue;
      const { actor, expiresAt } = holding.credential;
      // A key that ran out does not come back; an access token is renewed.
      if (expiresAt && expiresAt <= now) this.end(holding, actor.type === "key" ? "revoked" : "expired");
    }
  }
}

/** Who it is, for limits: a person over all his sessions, or a key; a token counts for whoever made it. */
export function actorName(actor: Actor): string {
  const principal = principalOf(actor);
  switch (principal.type) {
    case "user":
      return principal.userId;
    case "key":
      return principal.keyId;
    case "system":
    case "scope":
      return actor.type;
  }
}

/** The sign-in, key or token that it is. */
export function principalName(actor: Actor): string {
  switch (actor.type) {
    case "user":
      return actor.sessionId;
    case "token":
      return actor.tokenId;
    default:
      return actorName(actor);
  }
}

/**
 * Whether a renewed credential speaks for the same sign-in or key, or is a token of the same for the same stream that
 * may no less: one that only appends lives longer than one that reads may, and must not keep it open.
 */
export function renews(renewed: Actor, old: Actor): boolean {
  if (renewed.type === "token" && old.type === "token") {
    return (
      renewed.target.id === old.target.id &&
      old.permissions.every((permission) => renewed.permissions.includes(permission)) &&
      renews(renewed.issuer, old.issuer)
    );
  }
  return renewed.type === old.type && principalName(renewed) === principalName(old);
}
