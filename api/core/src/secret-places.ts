import { queryRaw, raw, sql } from "@shiplog/db";
import type { Context } from "./context.ts";

/** Where secrets lie sealed with the key ring; every column named *_sealed is here, or sealed by something else. */
export interface Place {
  readonly table: "integration" | "signing_key" | "agent_execution";
  readonly column: string;
  readonly idType: "uuid" | "text";
  /** Condition that holds for every row with a secret, and has an index. */
  readonly only?: string;
  /** What the secret of a row is bound to. */
  readonly bind: (id: string) => string;
}

export const integrationSecret: Place = {
  table: "integration",
  column: "secret_sealed",
  idType: "uuid",
  bind: (id) => `integration|${id}|secret`,
};

export const signingKeySecret: Place = {
  table: "signing_key",
  column: "private_sealed",
  idType: "text",
  bind: (id) => `signing_key|${id}|private`,
};

/** What streams of a run's messages and was not told yet. */
export const heldText: Place = {
  table: "agent_execution",
  column: "held_sealed",
  idType: "uuid",
  only: "status IN ('running', 'waiting_approval')",
  bind: (id) => `agent_execution|${id}|held`,
};

export const PLACES: readonly Place[] = [integrationSecret, signingKeySecret, heldText];

/** The key's id out of an envelope; of bytes that are none, their hexadecimal form. */
const KEY_ID = (column: string) => `encode(substring(${column} from 3 for get_byte(${column}, 1)), 'escape')`;

export interface SealedRow {
  readonly id: string;
  readonly sealed: Uint8Array;
}

export interface KeyUse {
  readonly keyId: string;
  readonly secrets: number;
  /** One of them. */
  readonly sample: SealedRow;
}

/** Which keys the secrets of a place are sealed with. One statement. */
export async function keyUses(ctx: Context, { table, column, only = "true" }: Place): Promise<KeyUse[]> {
  const rows = await queryRaw<{ keyId: string; secrets: number; id: string; sealed: Uint8Array }>(
    ctx.db,
    sql`SELECT k AS "keyId", count(*)::int AS secrets, (array_agg(id::text ORDER BY id))[1] AS id,
          (array_agg(${raw(column)} ORDER BY id))[1] AS sealed
        FROM (SELECT id, ${raw(column)}, ${raw(KEY_ID(column))} AS k FROM ${raw(table)}
              WHERE length(${raw(column)}) > 2 AND ${raw(only)}) AS s
        GROUP BY k`,
  );
  return rows.map(({ keyId, secrets, ...sample }) => ({ keyId, secrets, sample }));
}

/** Rows behind `after` whose envelope is not of the first key, or of an older version. One statement. */
export async function staleRows(
  ctx: Context,
  { table, column, only = "true" }: Place,
  after: string | null,
  limit: number,
): Promise<SealedRow[]> {
  return queryRaw<SealedRow>(
    ctx.db,
    sql`SELECT id::text AS id, ${raw(column)} AS sealed FROM ${raw(table)}
        WHERE length(${raw(column)}) > 2 AND ${raw(only)}
          AND (get_byte(${raw(column)}, 0) < 2 OR ${raw(KEY_ID(column))} <> ${ctx.secrets.keyIds[0]})
          AND (${after}::text IS NULL OR id::text > ${after})
        ORDER BY id::text LIMIT ${limit}`,
  );
}
