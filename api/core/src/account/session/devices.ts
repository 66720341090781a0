import type { Context } from "../../context.ts";
import { hashSecret, matchesHash, newRowSecret, parseRowSecret } from "../tokens.ts";

/** A browser that does not sign in for so long is a new one again. */
export const DEVICE_MS = 180 * 24 * 3_600_000;

/** Whose browser it is, and its row. */
export interface Device {
  readonly id: string;
  readonly userId: string;
}

/** The browser behind a device cookie; null for none, rubbish, and one that was forgotten. */
export async function readDevice(ctx: Context, token: string | null): Promise<Device | null> {
  const parsed = token ? parseRowSecret("KnownDevice", token) : null;
  const row = parsed && (await ctx.db.knownDevice.findUnique({ where: { id: parsed.id } }));
  if (!row || !matchesHash(parsed.secret, row.hash)) return null;
  return row.lastUsedAt.getTime() + DEVICE_MS > ctx.clock.now().getTime() ? row : null;
}

/** Remembers the browser as one of the person's; returns the text of its cookie: the same when it was known. */
export async function rememberDevice(ctx: Context, userId: string, token: string | null): Promise<string> {
  const known = await readDevice(ctx, token);
  const now = ctx.clock.now();
  if (token && known?.userId === userId) {
    await ctx.db.knownDevice.updateMany({ where: { id: known.id }, data: { lastUsedAt: now } });
    return token;
  }
  const id = ctx.newId();
  const { text, secret } = newRowSecret(ctx, "KnownDevice", id);
  const hash = new Uint8Array(hashSecret(secret));
  await ctx.db.knownDevice.create({ data: { id, userId, hash, createdAt: now, lastUsedAt: now } });
  return text;
}

/** Forgets every browser of the person but, if given, this one. */
export async function forgetDevices(ctx: Context, userId: string, except?: string): Promise<void> {
  await ctx.db.knownDevice.deleteMany({ where: { userId, ...(except && { id: { not: except } }) } });
}
