import { queryRaw, sql, type User } from "@shiplog/db";
import type { Context } from "../../context.ts";
import { BusyError } from "../../passwords.ts";
import type { PasswordHasher } from "../../ports.ts";
import { transact } from "../../transaction.ts";
import { audit } from "../audit/index.ts";
import { InvalidCredentialsError } from "../errors.ts";
import { checkPassword, normalizeEmail } from "../password/credentials.ts";
import { type Bucket, failuresOf, keyOf, networkOf, reserve } from "../throttle.ts";
import { readDevice } from "./devices.ts";
import { beginSession, type SignedIn, type SignInOrigin, withAccess } from "./sessions.ts";

export interface PasswordSignIn extends SignInOrigin {
  readonly email: string;
  readonly password: string;
}

/** Wrong guesses at one account from one address or one known browser. */
const GUESSES = { free: 5, leakSeconds: 600 };
/** Wrong guesses from one address at any account; above the number of sign-ins that may wait for their hash. */
const NETWORK = { free: 100, leakSeconds: 36 };
/** Wrong guesses at one account from anywhere. They never close it: above that, a new address has one guess. */
const ACCOUNT = { free: Number.MAX_SAFE_INTEGER, leakSeconds: 72 };
const UNDER_ATTACK = 50;
/** Of one process: one more is refused before it costs a statement, or a flood would take every connection. */
const AT_ONCE = 64;
const underWay = new WeakMap<PasswordHasher, number>();
const NO_USER = "00000000-0000-0000-0000-000000000000";

/**
 * Signs a person in. Throws InvalidCredentialsError for a wrong password, an unknown e-mail and a disabled
 * account alike, after the same work; TooManyAttemptsError after too many of them; BusyError when too many
 * sign-ins are under way. Whoever guesses wrong slows down himself: his address at that account, his address at all, or
 * his browser; never somebody elsewhere who knows the password.
 */
export async function signInWithPassword(ctx: Context, input: PasswordSignIn): Promise<SignedIn> {
  const { passwords } = ctx;
  const before = underWay.get(passwords) ?? 0;
  if (before >= AT_ONCE) throw new BusyError();
  underWay.set(passwords, before + 1);
  try {
    return await signIn(ctx, input);
  } finally {
    underWay.set(passwords, (underWay.get(passwords) ?? 1) - 1);
  }
}

async function signIn(ctx: Context, input: PasswordSignIn): Promise<SignedIn> {
  const { email, password, ...origin } = input;
  const user = await ctx.db.user.findUnique({ where: { email: normalizeEmail(email) } });
  const { own, others } = await bucketsOf(ctx, user, input);
  const reservation = await reserve(ctx, [...others, own]);
  let person: User;
  try {
    person = await checkPassword(ctx, user, password);
  } catch (error) {
    if (error instanceof InvalidCredentialsError) await auditRefusal(ctx, user);
    else await reservation.refund();
    throw error;
  }
  await reservation.refund();
  await reservation.clear([own]);
  const begun = await transact(ctx, async (tx) => {
    await assertUnchanged(tx, person);
    return beginSession(tx, ctx, { ...origin, userId: person.id, method: "password" });
  });
  return withAccess(ctx, begun);
}

/** A reset that comes between the check and the session waits for it here, or has ended the password already. */
async function assertUnchanged(tx: Context, { id, passwordHash }: User): Promise<void> {
  const rows = await queryRaw(
    tx.db,
    sql`SELECT FROM "user" WHERE id = ${id}::uuid AND password_hash = ${passwordHash} FOR SHARE`,
  );
  if (rows.length === 0) throw new InvalidCredentialsError();
}

/** `own` is forgotten by a success; the others count for more than this person. */
async function bucketsOf(
  ctx: Context,
  user: User | null,
  { email, address, device: cookie }: PasswordSignIn,
): Promise<{ own: Bucket; others: Bucket[] }> {
  const device = await readDevice(ctx, cookie?.token ?? null);
  if (device && device.userId === user?.id) {
    return { own: { key: `device:${device.id}`, ...GUESSES }, others: [] };
  }
  const who = keyOf(normalizeEmail(email));
  const network = address === null ? "unknown" : networkOf(address);
  const account = { key: `account:${who}`, ...ACCOUNT };
  const attacked = (await failuresOf(ctx, account)) >= UNDER_ATTACK;
  const known = await cameFrom(ctx, user?.id ?? NO_USER, address);
  const own = { key: `pair:${who}:${network}`, ...GUESSES, ...(attacked && !known && { free: 1 }) };
  const here = address === null ? [] : [{ key: `network:${network}`, ...NETWORK }];
  return { own, others: [account, ...here] };
}

/** Whether the person signed in from that address before. Asked for nobody as well: it takes the same time. */
async function cameFrom(ctx: Context, userId: string, address: string | null): Promise<boolean> {
  return (await ctx.db.session.findFirst({ where: { userId, address }, select: { id: true } })) !== null;
}

async function auditRefusal(ctx: Context, user: User | null): Promise<void> {
  const target = user && ({ type: "User", id: user.id } as const);
  const details = { method: "password" };
  await transact(ctx, (tx) =>
    audit(tx, ctx, null, { action: "session.create", outcome: "refused", target, details }),
  );
}
