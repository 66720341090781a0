import { executeRaw, Prisma, sql, type User } from "@shiplog/db";
import { z } from "zod";
import type { Actor } from "../actor.ts";
import type { Context } from "../context.ts";
import { ConflictError, ForbiddenError } from "../errors.ts";
import { transact } from "../transaction.ts";
import { MAX_PASSWORD_CHARS, normalizePassword } from "./credentials.ts";
import { emailInput, parseInput, text } from "./input.ts";

const MIN_PASSWORD_CHARS = 8;

const createUserInput = z.object({
  email: emailInput,
  name: text(200, 1),
  password: z.string().min(MIN_PASSWORD_CHARS).max(MAX_PASSWORD_CHARS),
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
 * processes at once. Throws InvalidInputError.
 */
export async function ensureOwner(
  ctx: Context,
  input: { readonly email: string; readonly password?: string | null },
): Promise<OwnerResult> {
  const { email, password: given } = parseInput(ownerInput, input);
  if (await ctx.db.user.findFirst({ select: { id: true } })) {
    return { created: false, email: null, password: null };
  }
  const password = given ?? ctx.randomBytes(15).toString("base64url");
  const passwordHash = await ctx.passwords.hash(normalizePassword(password));
  return transact(ctx, async (tx) => {
    await executeRaw(tx.db, sql`SELECT FROM pg_advisory_xact_lock(hashtext('shiplog.owner'))`);
    if (await tx.db.user.findFirst({ select: { id: true } })) {
      return { created: false, email: null, password: null };
    }
    await insertUser(tx, { email, name: email.split("@")[0] ?? email, passwordHash, isAdmin: true });
    return { created: true, email, password: given ? null : password };
  });
}

/**
 * Creates a person who can sign in with a password. Administrators only (ForbiddenError); throws ConflictError
 * when the e-mail is taken and InvalidInputError.
 */
export async function createUser(ctx: Context, actor: Actor, input: CreateUserInput): Promise<User> {
  assertAdmin(actor);
  const { password, ...data } = parseInput(createUserInput, input);
  const passwordHash = await ctx.passwords.hash(normalizePassword(password));
  return insertUser(ctx, { ...data, passwordHash });
}

/** Throws ForbiddenError unless the actor is an administrator of the instance or the program itself. */
export function assertAdmin(actor: Actor): void {
  if (actor.type === "system" || (actor.type === "user" && actor.isAdmin)) return;
  throw new ForbiddenError("Only administrators of this installation may do that.");
}

async function insertUser(
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
