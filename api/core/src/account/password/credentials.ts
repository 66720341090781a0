import type { User } from "@shiplog/db";
import { z } from "zod";
import type { Context } from "../../context.ts";
import type { PasswordHasher } from "../../ports.ts";
import { InvalidCredentialsError } from "../errors.ts";

export const MAX_PASSWORD_CHARS = 1024;
const MIN_PASSWORD_CHARS = 8;

/** A password that somebody chooses. */
export const newPassword = z.string().min(MIN_PASSWORD_CHARS).max(MAX_PASSWORD_CHARS);

/** Addresses compare in lower case. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** The same password typed on another system may come in another Unicode form. */
function normalizePassword(password: string): string {
  return password.normalize("NFKC");
}

/** What is stored of a password. Throws BusyError when too many wait. */
export function hashPassword(ctx: Context, password: string): Promise<string> {
  return ctx.passwords.hash(normalizePassword(password));
}

/** Hashes of no password, made with the hasher's own parameters. */
const DECOYS = new WeakMap<PasswordHasher, Promise<string>>();

function decoyOf(ctx: Context): Promise<string> {
  let decoy = DECOYS.get(ctx.passwords);
  if (!decoy) {
    decoy = ctx.passwords.hash(ctx.randomBytes(32).toString("base64"));
    decoy.catch(() => DECOYS.delete(ctx.passwords));
    DECOYS.set(ctx.passwords, decoy);
  }
  return decoy;
}

/**
 * Throws InvalidCredentialsError unless it is the person's password. No person, one without a password and a
 * disabled one cost a hash as well, so that the time of the answer does not tell who has an account.
 */
export async function checkPassword(ctx: Context, user: User | null, password: string): Promise<User> {
  const decoy = await decoyOf(ctx);
  const known = user?.passwordHash && !user.disabledAt ? user.passwordHash : null;
  const right =
    password.length <= MAX_PASSWORD_CHARS &&
    (await ctx.passwords.verify(known ?? decoy, normalizePassword(password)));
  if (!user || !known || !right) throw new InvalidCredentialsError();
  return user;
}
