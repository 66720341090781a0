import type { User } from "@shiplog/db";
import type { Context } from "../context.ts";
import type { PasswordHasher } from "../ports.ts";
import { InvalidCredentialsError } from "./errors.ts";

export const MAX_PASSWORD_CHARS = 1024;

/** Addresses compare in lower case. */
function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** The same password typed on another system may come in another Unicode form. */
export function normalizePassword(password: string): string {
  return password.normalize("NFKC");
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
 * The person with that e-mail and password; throws InvalidCredentialsError. An unknown e-mail costs one hash as
 * well, so that the time of the answer does not tell who has an account.
 */
export async function checkPassword(ctx: Context, email: string, password: string): Promise<User> {
  const decoy = await decoyOf(ctx);
  const user = await ctx.db.user.findUnique({ where: { email: normalizeEmail(email) } });
  const known = user?.passwordHash && !user.disabledAt ? user.passwordHash : null;
  const right =
    password.length <= MAX_PASSWORD_CHARS &&
    (await ctx.passwords.verify(known ?? decoy, normalizePassword(password)));
  if (!user || !known || !right) throw new InvalidCredentialsError();
  return user;
}
