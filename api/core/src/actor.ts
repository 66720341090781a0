/** What has an append-only stream of events. */
export type StreamKind = "agent_execution" | "pipeline_execution" | "project";

/** A person behind a session. */
export interface UserActor {
  readonly type: "user";
  readonly userId: string;
  readonly sessionId: string;
  /** Administrator of the instance. */
  readonly isAdmin: boolean;
}

/**
 * An API key, within its scopes: a project's acts in that project only, a person's in all his projects within his
 * roles. Exactly one of `projectId` and `userId` is set.
 */
export interface KeyActor {
  readonly type: "key";
  readonly keyId: string;
  readonly projectId: string | null;
  readonly userId: string | null;
  readonly scopes: readonly string[];
}

/** What a stream token was made for; see `TOKEN_PERMISSIONS` in account/policy.ts. */
export type TokenPermission = "read" | "append";

/** One stream: its kind, and the UUID of its execution, pipeline or project. */
export interface StreamTarget {
  readonly kind: StreamKind;
  readonly id: string;
}

/**
 * A short-lived token for one stream. It can do what it was made for as long as its issuer still could, and
 * nothing else: every decision that does not name its stream is against it.
 */
export interface TokenActor {
  readonly type: "token";
  readonly tokenId: string;
  readonly issuer: UserActor | KeyActor;
  /** The project that the stream belongs to. */
  readonly projectId: string;
  readonly target: StreamTarget;
  readonly permissions: readonly TokenPermission[];
}

/** The program itself: jobs, the demo, the first start. Never made from a request. */
export interface SystemActor {
  readonly type: "system";
}

/**
 * Nobody in particular: everyone who has exactly these permissions in one project. What is made for all of them at
 * once is made as it, without a look at any membership. Never made from a request.
 */
export interface ScopeActor {
  readonly type: "scope";
  readonly projectId: string;
  /** Of the table in account/policy.ts. */
  readonly permissions: ReadonlySet<string>;
  /** The scopes of the keys it stands for; null: people. */
  readonly scopes: readonly string[] | null;
}

export type Actor = UserActor | KeyActor | TokenActor | SystemActor | ScopeActor;

export const SYSTEM: SystemActor = { type: "system" };

/** Whose authority it is: a token's issuer, everybody else himself. */
export function principalOf(actor: Actor): Exclude<Actor, TokenActor> {
  return actor.type === "token" ? actor.issuer : actor;
}

/** The person who acts, himself or through a key of his own (UUID); null for a project's key and the program. */
export function userIdOf(actor: Actor): string | null {
  const principal = principalOf(actor);
  return principal.type === "user" || principal.type === "key" ? principal.userId : null;
}

/** The key that acts, or that a token was made with (UUID); null for sessions and the program. */
export function keyIdOf(actor: Actor): string | null {
  const principal = principalOf(actor);
  return principal.type === "key" ? principal.keyId : null;
}
