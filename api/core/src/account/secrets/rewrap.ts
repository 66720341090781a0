import { executeRaw, raw, sql } from "@shiplog/db";
import { SYSTEM } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { keyUses, PLACES, type Place, staleRows } from "../../secret-places.ts";
import { transact } from "../../transaction.ts";
import { audit } from "../audit/index.ts";

const BATCH = 100;

export interface Rewrapped {
  readonly rewrapped: number;
  /** Secrets that do not open, by what they are; they stay as they are. */
  readonly failed: number;
}

/**
 * Wraps every stored secret with the first key of the ring, while all goes on: each row changes by itself and only if
 * it is still what was read, and whoever reads it before or after opens it with the keys of his ring. Idempotent.
 */
export async function rewrapSecrets(ctx: Context, signal?: AbortSignal): Promise<Rewrapped> {
  const total = { rewrapped: 0, failed: 0 };
  for (const place of PLACES) {
    let after: string | null = null;
    while (!signal?.aborted) {
      const rows = await staleRows(ctx, place, after, BATCH);
      for (const row of rows) total[await rewrapRow(ctx, place, row)]++;
      after = rows.at(-1)?.id ?? null;
      if (rows.length < BATCH) break;
    }
  }
  if (total.rewrapped > 0) {
    const details = { ...total, key: ctx.secrets.keyIds[0] ?? null };
    await transact(ctx, (tx) => audit(tx, ctx, SYSTEM, { action: "secrets.rewrap", details }));
  }
  return total;
}

async function rewrapRow(
  ctx: Context,
  { table, column, idType, bind }: Place,
  { id, sealed }: { readonly id: string; readonly sealed: Uint8Array },
): Promise<keyof Rewrapped> {
  try {
    const next = ctx.secrets.rewrap(sealed, bind(id));
    if (next) {
      await executeRaw(
        ctx.db,
        sql`UPDATE ${raw(table)} SET ${raw(column)} = ${next}
            WHERE id = ${id}::${raw(idType)} AND ${raw(column)} = ${Buffer.from(sealed)}`,
      );
    }
    return "rewrapped";
  } catch (error) {
    ctx.log.error({ error, table, id }, "a stored secret cannot be re-wrapped");
    return "failed";
  }
}

export interface UnreadableKey {
  readonly keyId: string;
  readonly table: string;
  readonly secrets: number;
  /** missing: the ring has no key of that id; wrong: it has, but not the one that sealed. */
  readonly reason: "missing" | "wrong";
}

/** Keys of stored secrets that this ring cannot open, told by one secret of each. One statement per place. */
export async function unreadableKeys(ctx: Context): Promise<UnreadableKey[]> {
  const found: UnreadableKey[] = [];
  for (const place of PLACES) {
    for (const { keyId, secrets, sample } of await keyUses(ctx, place)) {
      const known = ctx.secrets.keyIds.includes(keyId);
      if (known && opens(ctx, place, sample)) continue;
      found.push({ keyId, table: place.table, secrets, reason: known ? "wrong" : "missing" });
    }
  }
  return found;
}

function opens(ctx: Context, { bind }: Place, { id, sealed }: { id: string; sealed: Uint8Array }): boolean {
  try {
    ctx.secrets.open(sealed, bind(id));
    return true;
  } catch {
    return false;
  }
}
