import { executeRaw, Prisma, sql } from "@shiplog/db";
import type { Context } from "../context.ts";
import type { Bus } from "../ports.ts";

/** Uses not yet written. One bus belongs to one database in one process, and it outlives transactions' contexts. */
const USES = new WeakMap<Bus, Map<string, Date>>();

/** Remembers that a key was used now; costs no statement. */
export function noteKeyUse(ctx: Context, keyId: string): void {
  let uses = USES.get(ctx.bus);
  if (!uses) {
    uses = new Map();
    USES.set(ctx.bus, uses);
  }
  uses.set(keyId, ctx.clock.now());
}

/**
 * Writes the remembered uses of all keys in one statement; none without uses. The composition root calls it every
 * few seconds and before it stops; what a killed process still remembered is lost. Never moves a time back.
 */
export async function recordKeyUses(ctx: Context): Promise<void> {
  const uses = USES.get(ctx.bus);
  if (!uses || uses.size === 0) return;
  USES.delete(ctx.bus);
  const rows = [...uses].map(([id, at]) => sql`(${id}::uuid, ${at}::timestamptz)`);
  try {
    await executeRaw(
      ctx.db,
      sql`UPDATE api_key k SET last_used_at = GREATEST(k.last_used_at, u.at)
          FROM (VALUES ${Prisma.join(rows)}) AS u (id, at) WHERE k.id = u.id`,
    );
  } catch (error) {
    const since = USES.get(ctx.bus);
    USES.set(ctx.bus, new Map([...uses, ...(since ?? [])]));
    throw error;
  }
}
