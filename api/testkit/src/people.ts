import { type Context, type KeyActor, SYSTEM, type UserActor } from "@shiplog/core";
import {
  authenticate,
  createApiKey,
  createSession,
  createUser,
  type Role,
  type Scope,
} from "@shiplog/core/account";

export interface Person {
  readonly actor: UserActor;
  readonly email: string;
  /** A live access token of the session that `actor` names. */
  readonly accessToken: string;
}

const PASSWORD = "a password for tests";

/** A person with an account and a session, and a role in each of these projects. */
export async function makePerson(
  ctx: Context,
  roles: Readonly<Record<string, Role>> = {},
  options: { readonly isAdmin?: boolean } = {},
): Promise<Person> {
  const email = `${crypto.randomUUID()}@example.org`;
  const isAdmin = options.isAdmin ?? false;
  const user = await createUser(ctx, SYSTEM, { email, name: "Test Person", password: PASSWORD, isAdmin });
  await ctx.db.projectMember.createMany({
    data: Object.entries(roles).map(([projectId, role]) => ({
      projectId,
      userId: user.id,
      role,
      createdAt: ctx.clock.now(),
    })),
  });
  const origin = { userAgent: null, address: null };
  const { session, access } = await createSession(ctx, { userId: user.id, method: "password", ...origin });
  return {
    actor: { type: "user", userId: user.id, sessionId: session.id, isAdmin },
    email,
    accessToken: access.token,
  };
}

/** A key of a project: its text and the actor it stands for. */
export async function makeKey(
  ctx: Context,
  projectId: string,
  scopes: readonly Scope[],
): Promise<{ readonly secret: string; readonly actor: KeyActor }> {
  const { secret } = await createApiKey(ctx, SYSTEM, { projectId, name: "Test key", scopes });
  return { secret, actor: (await authenticate(ctx, secret)) as KeyActor };
}
