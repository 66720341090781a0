import { type Actor, type Context, encodeId, SYSTEM } from "@shiplog/core";
import { authenticate, createApiKey, type Role, SCOPES } from "@shiplog/core/account";
import { createStreamToken } from "@shiplog/core/live";
import { makeKey, makePerson } from "../people.ts";

/** Somebody who calls: in process as an actor, over HTTP with a credential. */
export interface Caller {
  readonly name: string;
  /** Null: nobody in particular. */
  readonly actor: Actor | null;
  /** What goes behind `Authorization: Bearer`. */
  readonly token: string | null;
  readonly email: string;
  /** What is his own, for what concerns himself; null for keys, tokens and nobody. */
  readonly own: { readonly userId: string; readonly session: string; readonly identity: string } | null;
}

const NOBODY = { email: "nobody@example.org", own: null };
const ROLES: readonly Role[] = ["viewer", "developer", "maintainer", "owner"];
const READING = SCOPES.filter((scope) => scope.endsWith(":read"));

interface Ours {
  readonly projectId: string;
  /** A running external execution of it. */
  readonly externalId: string;
}

/** Every kind of caller that the permission table tells apart, all of one project. */
export async function makeCallers(ctx: Context, { projectId, externalId }: Ours): Promise<Caller[]> {
  const person = async (name: string, roles: Readonly<Record<string, Role>>, isAdmin = false) => {
    const { actor, accessToken, email } = await makePerson(ctx, roles, { isAdmin });
    const { userId } = actor;
    const linked = { id: ctx.newId(), userId, createdAt: ctx.clock.now() };
    const account = { provider: "oidc", issuer: "https://login.example", subject: userId };
    await ctx.db.userIdentity.create({ data: { ...linked, ...account } });
    const session = encodeId("Session", actor.sessionId);
    const own = { userId, session, identity: encodeId("UserIdentity", linked.id) };
    return { name, actor, token: accessToken, email, own };
  };
  const members = await Promise.all(ROLES.map((role) => person(role, { [projectId]: role })));
  const reading = await makeKey(ctx, projectId, READING);
  const full = await makeKey(ctx, projectId, SCOPES);
  const developer = members[1]?.actor ?? SYSTEM;
  const input = { projectId: null, name: "Personal", scopes: SCOPES };
  const { secret } = await createApiKey(ctx, developer, input);
  const token = async (name: string, permission: "read" | "append") => {
    const target = { kind: "agent_execution", id: externalId } as const;
    const made = await createStreamToken(ctx, developer, { target, permissions: [permission] });
    return { ...NOBODY, name, token: made.token, actor: await authenticate(ctx, made.token) };
  };
  return [
    { ...NOBODY, name: "anonymous", actor: null, token: null },
    await person("stranger", {}),
    ...members,
    await person("administrator", {}, true),
    { ...NOBODY, name: "project key, read", actor: reading.actor, token: reading.secret },
    { ...NOBODY, name: "project key, all", actor: full.actor, token: full.secret },
    { ...NOBODY, name: "developer's key", actor: await authenticate(ctx, secret), token: secret },
    await token("token, read", "read"),
    await token("token, append", "append"),
  ];
}
