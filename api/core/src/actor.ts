/** A person behind a session. */
export interface UserActor {
  readonly type: "user";
  readonly userId: string;
  readonly sessionId: string;
  /** Administrator of the instance. */
  readonly isAdmin: boolean;
}

/** An API key; it acts in its project only, within its scopes. */
export interface KeyActor {
  readonly type: "key";
  readonly keyId: string;
  readonly projectId: string;
  readonly scopes: readonly string[];
}

/** The program itself: jobs, the demo, the first start. Never made from a request. */
export interface SystemActor {
  readonly type: "system";
}

export type Actor = UserActor | KeyActor | SystemActor;

export const SYSTEM: SystemActor = { type: "system" };
