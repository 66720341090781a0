import type { PasswordReset, User } from "@shiplog/db";
import { z } from "zod";
import type { Actor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { NotFoundError } from "../../errors.ts";
import { transact } from "../../transaction.ts";
import { audit, audited } from "../audit/index.ts";
import { LinkNotValidError } from "../errors.ts";
import { emailInput, parseInput } from "../input.ts";
import { resetMail } from "../mails.ts";
import { authorizeInstance, personAllows } from "../policy.ts";
import { rememberDevice } from "../session/devices.ts";
import type { SignInOrigin } from "../session/sessions.ts";
import { keyOf, networkOf, reserve } from "../throttle.ts";
import { hashSecret, matchesHash, newRowSecret, parseRowSecret } from "../tokens.ts";
import { endSignIns } from "./change.ts";
import { hashPassword, newPassword } from "./credentials.ts";

const HOUR_MS = 3_600_000;
/** A link that was mailed. */
const MAILED_MS = HOUR_MS;
/** A link that an administrator passes on by hand. */
const HANDED_MS = 24 * HOUR_MS;
/** A wish that waits for an administrator, where no mail can be sent. */
const WISH_MS = 7 * 24 * HOUR_MS;

/** Wishes from one address; and for one account, above which they are dropped without a word. */
const FROM_ADDRESS = { free: 20, leakSeconds: 300 };
const FOR_ACCOUNT = { free: 5, leakSeconds: 900 };

/**
 * Somebody forgot a password. The same answer and the same statements whether anybody has that address: a job
 * looks further, and mails the link. Throws InvalidInputError, and TooManyAttemptsError by the caller's address.
 */
export async function requestPasswordReset(
  ctx: Context,
  input: { readonly email: string; readonly address: string | null },
): Promise<void> {
  const { email } = parseInput(z.object({ email: emailInput }), input);
  if (input.address !== null) {
    await reserve(ctx, [{ key: `reset-from:${networkOf(input.address)}`, ...FROM_ADDRESS }]);
  }
  try {
    await reserve(ctx, [{ key: `reset-for:${keyOf(email)}`, ...FOR_ACCOUNT }]);
  } catch {
    return;
  }
  const user = await ctx.db.user.findUnique({ where: { email }, select: { id: true } });
  const now = ctx.clock.now();
  await transact(ctx, async (tx) => {
    const id = tx.newId();
    const expiresAt = new Date(now.getTime() + WISH_MS);
    const address = input.address?.slice(0, 64) ?? null;
    await tx.db.passwordReset.create({
      data: { id, userId: user?.id ?? null, address, createdAt: now, expiresAt },
    });
    await tx.jobs.enqueue(tx.db, "send_password_reset", { id });
    const target = user && ({ type: "User", id: user.id } as const);
    await audit(tx, ctx, null, { action: "password_reset.request", target });
  });
}

/**
 * The job's part: mails the link. Without a mail server only an administrator's own goes out, on the program's
 * output, for whoever runs it; other wishes wait for an administrator. The link is made here, so that its secret
 * is nowhere but in the message; a repeated job makes a new one.
 */
export async function sendPasswordReset(ctx: Context, { id }: { readonly id: string }): Promise<void> {
  const wish = await ctx.db.passwordReset.findUnique({ where: { id }, include: { user: true } });
  if (!wish || wish.usedAt) return;
  const { user } = wish;
  if (!user || user.disabledAt) {
    await ctx.db.passwordReset.deleteMany({ where: { id } });
    return;
  }
  if (!ctx.mailer.delivers && !personAllows(user, "password_reset.print_own")) return;
  const { link } = await grant(ctx, wish, MAILED_MS);
  await ctx.mailer.send(resetMail(user, link));
}

export interface ResetLink {
  /** Whoever has it can set the person's password, once. */
  readonly link: string;
  readonly expiresAt: Date;
}

/** Gives the row a link; one that it had before works no longer. */
async function grant(ctx: Context, { id }: { readonly id: string }, lifeMs: number): Promise<ResetLink> {
  const { text, secret } = newRowSecret(ctx, "PasswordReset", id);
  const expiresAt = new Date(ctx.clock.now().getTime() + lifeMs);
  const hash = new Uint8Array(hashSecret(secret));
  await ctx.db.passwordReset.updateMany({ where: { id, usedAt: null }, data: { hash, expiresAt } });
  return { link: `${ctx.settings.publicUrl}/reset-password#${text}`, expiresAt };
}

/**
 * A link with which somebody sets a new password, to be passed on by hand; his earlier links and wishes end.
 * For administrators (ForbiddenError); throws NotFoundError when nobody has that address.
 */
export async function createPasswordResetLink(
  ctx: Context,
  actor: Actor,
  input: { readonly email: string },
): Promise<ResetLink> {
  return audited(ctx, actor, { action: "password_reset_link.create" }, async (attempt) => {
    authorizeInstance(actor, "password_reset.create_link");
    const { email } = parseInput(z.object({ email: emailInput }), input);
    const user = await ctx.db.user.findUnique({ where: { email, disabledAt: null }, select: { id: true } });
    if (!user) throw new NotFoundError("person with that e-mail address");
    return transact(ctx, async (tx) => {
      const now = tx.clock.now();
      await tx.db.passwordReset.deleteMany({ where: { userId: user.id, usedAt: null } });
      const row = { id: tx.newId(), userId: user.id, createdAt: now, expiresAt: now };
      await tx.db.passwordReset.create({ data: row });
      const link = await grant(tx, row, HANDED_MS);
      await attempt.succeed(tx, { target: { type: "User", id: user.id } });
      return link;
    });
  });
}

export type ResetWish = PasswordReset & { readonly user: User };

/** Wishes for a new password that wait for an administrator, newest first, at most 100. For administrators. */
export async function listPasswordResetRequests(ctx: Context, actor: Actor): Promise<ResetWish[]> {
  authorizeInstance(actor, "password_reset.read");
  const rows = await ctx.db.passwordReset.findMany({
    where: { hash: null, usedAt: null, expiresAt: { gt: ctx.clock.now() }, user: { disabledAt: null } },
    include: { user: true },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: 100,
  });
  return rows.flatMap((row) => (row.user ? [{ ...row, user: row.user }] : []));
}

interface ResetInput {
  readonly token: string;
  readonly password: string;
  readonly device?: SignInOrigin["device"];
}

/**
 * Sets the password with a link, once; every session of the person ends. Throws LinkNotValidError,
 * InvalidInputError, BusyError. Returns whose password it is, and the browser as a known one of his.
 */
export async function resetPassword(
  ctx: Context,
  input: ResetInput,
): Promise<{ email: string; deviceToken: string | null }> {
  // Before the entry: rubbish must not fill a log that nobody can empty.
  const link = await readLink(ctx, input.token);
  const event = { action: "password.reset", target: { type: "User", id: link.user.id } } as const;
  return audited(ctx, null, event, async (attempt) => {
    const { password } = parseInput(z.object({ password: newPassword }), input);
    const passwordHash = await hashPassword(ctx, password);
    return transact(ctx, async (tx) => {
      const now = tx.clock.now();
      const { count } = await tx.db.passwordReset.updateMany({
        where: { id: link.id, hash: link.hash, usedAt: null },
        data: { usedAt: now },
      });
      if (count === 0) throw new LinkNotValidError();
      const { id, email } = await tx.db.user.update({
        where: { id: link.user.id },
        data: { passwordHash, updatedAt: now },
      });
      const endedSessions = await endSignIns(tx, id);
      const deviceToken = input.device ? await rememberDevice(tx, id, input.device.token) : null;
      await attempt.succeed(tx, { details: { endedSessions } });
      return { email, deviceToken };
    });
  });
}

/** The row behind a link that is still good. */
async function readLink(ctx: Context, token: string): Promise<ResetWish> {
  const parsed = parseRowSecret("PasswordReset", token);
  const row =
    parsed &&
    (await ctx.db.passwordReset.findUnique({
      where: { id: parsed.id, usedAt: null, expiresAt: { gt: ctx.clock.now() } },
      include: { user: true },
    }));
  if (!row?.hash || !row.user || row.user.disabledAt || !matchesHash(parsed?.secret ?? "", row.hash)) {
    throw new LinkNotValidError();
  }
  return { ...row, user: row.user };
}
