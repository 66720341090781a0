import type { UserIdentity } from "@shiplog/db";
import type { Actor, UserActor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { ConflictError, ForbiddenError, NotFoundError, UnauthenticatedError } from "../../errors.ts";
import { transact } from "../../transaction.ts";
import { audited, auditFailure } from "../audit/index.ts";
import { createSession, type SignedIn, type SignInOrigin, validateSession } from "../session/sessions.ts";
import { isUniqueViolation } from "../users.ts";
import { type ProvenIdentity, type ProviderName, SignInRefusedError } from "./provider.ts";

export interface IdentitySignIn extends SignInOrigin {
  readonly provider: ProviderName;
  readonly identity: ProvenIdentity;
  /** Strangers whom this provider vouches for get an account. */
  readonly signup: boolean;
}

/**
 * Signs in the person that an identity is linked to, by issuer and subject and nothing else: an e-mail address finds
 * nobody. With `signup` a stranger gets an account, under an address that the provider verified and nobody has.
 * Throws SignInRefusedError.
 */
export async function signInWithIdentity(ctx: Context, input: IdentitySignIn): Promise<SignedIn> {
  const { provider, identity, signup, ...origin } = input;
  try {
    const userId = (await knownUser(ctx, identity)) ?? (await newUser(ctx, provider, identity, signup));
    return await createSession(ctx, { ...origin, userId, method: provider });
  } catch (error) {
    const refused = error instanceof UnauthenticatedError ? new SignInRefusedError("disabled") : error;
    const details = { method: provider, issuer: identity.issuer, subject: identity.subject };
    await auditFailure(ctx, null, { action: "session.create", details }, refused);
    throw refused;
  }
}

/** Whom an identity is linked to, by issuer and subject; notes that it was used. */
export async function knownUser(
  ctx: Context,
  { issuer, subject, label }: ProvenIdentity,
): Promise<string | null> {
  const [known] = await ctx.db.userIdentity.updateManyAndReturn({
    where: { issuer, subject },
    data: { lastUsedAt: ctx.clock.now(), label: cut(label) },
  });
  return known?.userId ?? null;
}

async function newUser(
  ctx: Context,
  provider: ProviderName,
  identity: ProvenIdentity,
  signup: boolean,
): Promise<string> {
  if (!signup) throw new SignInRefusedError("not_invited");
  // An address gives standing here (people are added to projects by it), so it must be his.
  const email = identity.email?.trim().toLowerCase();
  if (!email) throw new SignInRefusedError("email_unverified");
  const event = { action: "user.create", details: { method: provider, issuer: identity.issuer } };
  try {
    return await audited(ctx, null, event, (attempt) =>
      transact(ctx, async (tx) => {
        const id = await insertPerson(tx, email, provider, identity);
        await attempt.succeed(tx, { target: { type: "User", id } });
        return id;
      }),
    );
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    // The same stranger at the same moment in another window, or somebody else's address.
    const known = await knownUser(ctx, identity);
    if (known) return known;
    throw new SignInRefusedError("email_taken");
  }
}

/** Somebody who signs in with this identity and has no password; returns the UUID. Fails when either is taken. */
export async function insertPerson(
  tx: Context,
  email: string,
  provider: ProviderName,
  identity: ProvenIdentity,
): Promise<string> {
  const now = tx.clock.now();
  const name = cut(identity.name?.trim() || email.split("@")[0] || email);
  const { id } = await tx.db.user.create({
    data: { id: tx.newId(), email, name, createdAt: now, updatedAt: now },
  });
  await insertIdentity(tx, id, provider, identity);
  return id;
}

function insertIdentity(
  tx: Context,
  userId: string,
  provider: ProviderName,
  { issuer, subject, label }: ProvenIdentity,
): Promise<UserIdentity> {
  const now = tx.clock.now();
  return tx.db.userIdentity.create({
    data: {
      id: tx.newId(),
      userId,
      provider,
      issuer,
      subject,
      label: cut(label),
      createdAt: now,
      lastUsedAt: now,
    },
  });
}

/** PostgreSQL stores no NUL, and what a provider says is not ours to trust in length. */
function cut(text: string): string {
  return text.replaceAll("\0", "").slice(0, 200).toWellFormed();
}

/**
 * Links an identity to the account of whoever began it, while his session lives. Linking it again is no error. Throws
 * SignInRefusedError when it is somebody else's, or the session has ended.
 */
export async function linkIdentity(
  ctx: Context,
  owner: { readonly userId: string; readonly sessionId: string },
  provider: ProviderName,
  identity: ProvenIdentity,
): Promise<void> {
  const actor = await validateSession(ctx, owner.sessionId);
  if (actor?.userId !== owner.userId) throw new SignInRefusedError("expired");
  const { issuer, subject } = identity;
  const event = { action: "identity.link", details: { method: provider, issuer, subject } };
  await audited(ctx, actor, event, async (attempt) => {
    const known = await ctx.db.userIdentity.findUnique({ where: { issuer_subject: { issuer, subject } } });
    if (known && known.userId !== actor.userId) throw new SignInRefusedError("linked_elsewhere");
    await transact(ctx, async (tx) => {
      const { id } = known ?? (await insertIdentity(tx, actor.userId, provider, identity));
      await attempt.succeed(tx, { target: { type: "UserIdentity", id } });
    });
  }).catch((error) => {
    throw isUniqueViolation(error) ? new SignInRefusedError("linked_elsewhere") : error;
  });
}

/** The person's linked identities, oldest first; none for a key. One statement. */
export async function listIdentities(ctx: Context, actor: Actor): Promise<UserIdentity[]> {
  if (actor.type !== "user") return [];
  return ctx.db.userIdentity.findMany({ where: { userId: actor.userId }, orderBy: { createdAt: "asc" } });
}

/**
 * Takes one of the person's own links away. Throws NotFoundError, ForbiddenError (not a person), ConflictError when
 * he could not sign in any more.
 */
export async function unlinkIdentity(
  ctx: Context,
  actor: Actor,
  input: { readonly id: string },
): Promise<void> {
  const { id } = input;
  const event = { action: "identity.unlink", target: { type: "UserIdentity", id } } as const;
  return audited(ctx, actor, event, async (attempt) => {
    const { userId } = personOf(actor);
    await transact(ctx, async (tx) => {
      // Two unlinkings at once must not take the last two away.
      await tx.db.user.update({ where: { id: userId }, data: { updatedAt: tx.clock.now() } });
      const { count } = await tx.db.userIdentity.deleteMany({ where: { id, userId } });
      if (count === 0) throw new NotFoundError("linked account");
      await assertCanSignIn(tx, userId);
      await attempt.succeed(tx);
    });
  });
}

function personOf(actor: Actor): UserActor {
  if (actor.type === "user") return actor;
  throw new ForbiddenError("Linked accounts belong to people.");
}

async function assertCanSignIn(tx: Context, userId: string): Promise<void> {
  const user = await tx.db.user.findUniqueOrThrow({
    where: { id: userId },
    select: { passwordHash: true, _count: { select: { identities: true } } },
  });
  if (user.passwordHash || user._count.identities > 0) return;
  throw new ConflictError("It is your only way to sign in. Set a password first.");
}
