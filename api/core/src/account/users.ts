import { executeRaw, Prisma, sql, type User } from "@shiplog/db";
import { z } from "zod";
import { type Actor, SYSTEM } from "../actor.ts";
import type { Context } from "../context.ts";
import { ConflictError } from "../errors.ts";
import { transact } from "../transaction.ts";
import { audit, audited } from "./audit/index.ts";
import { emailInput, parseInput, text } from "./input.ts";
import { hashPassword, MAX_PASSWORD_CHARS, newPassword } from "./password/credentials.ts";
import { authorizeInstance } from "./policy.ts";

const createUserInput = z.object({
  email: emailInput,
  name: text(200, 1),
  password: newPassword,
  isAdmin: z.boolean().default(false),
});
export type CreateUserInput = z.input<typeof createUserInput>;

const ownerInput = z.object({
  email: emailInput,
  password: z.string().min(1).max(MAX_PASSWORD_CHARS).nullish(),
});

export interface OwnerResult {
  readonly created: boolean;
  /** The owner's address; null when people existed already. */
  readonly email: string | null;
  /** The random password, to be shown once; null when one was given or nobody was created. */
  readonly password: string | null;
}

/**
 * On a database without people, creates the first administrator; does nothing otherwise. Safe in several
 * processes at once. `tell` is called before the account can be used, so that a password made up is never lost;
 * what it was told holds only when this resolves. Throws InvalidInputError.
 */
export async function ensureOwner(
  ctx: Context,
  input: { readonly email: string; readonly password?: string | null },
  tell: (owner: OwnerResult) => void = () => {},
): Promise<OwnerResult> {
  const { email, password: given } = parseInput(ownerInput, input);
  if (await ctx.db.user.findFirst({ select: { id: true } })) {
    return { created: false, email: null, password: null };
  }
  const password = given ?? ctx.randomBytes(15).toString("base64url");
  const passwordHash = await hashPassword(ctx, password);
  return transact(ctx, async (tx) => {
    await executeRaw(tx.db, sql`SELECT FROM pg_advisory_xact_lock(hashtext('shiplog.owner'))`);
    if (await tx.db.user.findFirst({ select: { id: true } })) {
      return { created: false, email: null, password: null };
    }
    const name = email.split("@")[0] ?? email;
    const { id } = await insertUser(tx, { email, name, passwordHash, isAdmin: true });
    const target = { type: "User", id } as const;
    await audit(tx, ctx, SYSTEM, { action: "user.create", target, details: { isAdmin: true } });
    const owner = { created: true, email, password: given ? null : password };
    // Before the commit: a crash between the two must not leave an owner whose password nobody has seen.
    tell(owner);
    return owner;
  });
}

/**
 * Creates a person who can sign in with a password. Administrators only (ForbiddenError); throws ConflictError
 * when the e-mail is taken and InvalidInputError.
 */
export async function createUser(ctx: Context, actor: Actor, input: CreateUserInput): Promise<User> {
  return audited(ctx, actor, { action: "user.create" }, async (attempt) => {
    authorizeInstance(actor, "user.create");
    const { password, ...data } = parseInput(createUserInput, input);
    const passwordHash = await hashPassword(ctx, password);
    return transact(ctx, async (tx) => {
      const user = await insertUser(tx, { ...data, passwordHash });
      await attempt.succeed(tx, {
        target: { type: "User", id: user.id },
        details: { isAdmin: data.isAdmin },
      });
      return user;
    });
  });
}

/** Throws ConflictError when the e-mail is taken. */
export async function insertUser(
  ctx: Context,
  data: Pick<User, "email" | "name" | "passwordHash" | "isAdmin">,
): Promise<User> {
  const now = ctx.clock.now();
  try {
    return await ctx.db.user.create({ data: { id: ctx.newId(), ...data, createdAt: now, updatedAt: now } });
  } catch (error) {
    if (isUniqueViolation(error)) throw new ConflictError("Somebody has that e-mail address already.");
    throw error;
  }
}

/** A unique index refused the row. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002";
}
