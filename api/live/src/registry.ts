import type { Actor } from "@shiplog/core";
import type { Credential, Live } from "./options.ts";

/** Why the credential of a connection no longer holds: revoked for good, or run out and to be renewed. */
export type CredentialEnd = "revoked" | "expired";

/** A socket or an event stream, as far as credentials are concerned. */
export interface Holding {
  credential: Credential;
  end(why: CredentialEnd): void;
}

/** Who holds what open: limits per actor, and the end of each credential. One timer for all. */
export class Registry {
  readonly #live: Live;
  readonly #holdings = new Map<Holding, () => void>();
  readonly #counts = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(live: Live) {
    this.#live = live;
    this.#timer = setInterval(() => this.#endExpired(), live.limits.expiryMs).unref();
  }

  /**
   * Null when the actor holds as many as he may, else how to let go. `before` is `changes` of the access watch
   * from before the credential was looked at: what was revoked since is found out now.
   */
  add(holding: Holding, before: number): (() => void) | null {
    const who = nameOf(holding.credential.actor);
    const count = this.#counts.get(who) ?? 0;
    if (count >= this.#live.limits.connectionsPerActor) return null;
    this.#counts.set(who, count + 1);
    const { access } = this.#live.streams;
    const { actor } = holding.credential;
    const unwatch = access.add({ actor, needs: null, end: () => this.#end(holding, "revoked") });
    const release = () => {
      if (!this.#holdings.delete(holding)) return;
      unwatch();
      const left = (this.#counts.get(who) ?? 1) - 1;
      if (left > 0) this.#counts.set(who, left);
      else this.#counts.delete(who);
    };
    this.#holdings.set(holding, release);
    if (access.changes !== before) void access.check();
    return release;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #endExpired(): void {
    const now = this.#live.ctx.clock.now();
    for (const holding of this.#holdings.keys()) {
      const { actor, expiresAt } = holding.credential;
      // A key that ran out does not come back; an access token is renewed.
      if (expiresAt && expiresAt <= now) this.#end(holding, actor.type === "key" ? "revoked" : "expired");
    }
  }

  #end(holding: Holding, why: CredentialEnd): void {
    this.#holdings.get(holding)?.();
    holding.end(why);
  }
}

function nameOf(actor: Actor): string {
  switch (actor.type) {
    case "user":
      return actor.userId;
    case "key":
      return actor.keyId;
    case "system":
      return "system";
  }
}

/** Whether a renewed credential speaks for the same sign-in or key. */
export function samePrincipal(a: Actor, b: Actor): boolean {
  if (a.type === "user" && b.type === "user") return a.sessionId === b.sessionId;
  return a.type === "key" && b.type === "key" && a.keyId === b.keyId;
}
