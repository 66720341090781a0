import { createHash } from "node:crypto";
import { type DbOrTx, queryRaw, sql } from "@shiplog/db";

/** A position in one stream of one database: everything up to and including `seq` was delivered. */
export interface Cursor {
  readonly streamId: string;
  readonly seq: number;
  readonly epoch: string;
}

const UUID_BYTES = 16;
/** seq is a 32-bit integer with a sign. */
const MOST_SEQ = 2 ** 31 - 1;

/** Opaque text form: base64url of the stream's UUID, the epoch and seq. */
export function encodeCursor({ streamId, seq, epoch }: Cursor): string {
  return cursorsOf(streamId, epoch)(seq);
}

/** Writes the cursors of one stream, of which all but seq is made once: it fills whole groups of characters. */
export function cursorsOf(streamId: string, epoch: string): (seq: number) => string {
  const common = Buffer.from(streamId.replaceAll("-", "") + epoch, "hex").toString("base64url");
  return (seq) => common + base64url32(seq);
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Four bytes, the most significant first, as six characters. */
function base64url32(n: number): string {
  const at = (sixBits: number) => DIGITS[sixBits & 63];
  return `${at(n >>> 26)}${at(n >>> 20)}${at(n >>> 14)}${at(n >>> 8)}${at(n >>> 2)}${at(n << 4)}`;
}

/** Null when the text is no cursor; the caller treats it as one that cannot be honoured. */
export function decodeCursor(text: string): Cursor | null {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length !== UUID_BYTES + 8 + 4 || bytes.toString("base64url") !== text) return null;
  const seq = bytes.readUInt32BE(UUID_BYTES + 8);
  // No position that PostgreSQL could even compare.
  if (seq > MOST_SEQ) return null;
  const hex = bytes.toString("hex", 0, UUID_BYTES);
  return {
    streamId: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`,
    epoch: bytes.toString("hex", UUID_BYTES, UUID_BYTES + 8),
    seq,
  };
}

/**
 * The epoch of this database, 16 hex digits: random at creation, and different after a restore, because the
 * server's system identifier (logical restore into another cluster) or its timeline (point-in-time recovery)
 * is mixed in.
 */
export async function loadEpoch(db: DbOrTx): Promise<string> {
  await db.$executeRaw(sql`INSERT INTO instance (id, epoch, created_at)
    VALUES (1, gen_random_uuid(), now()) ON CONFLICT DO NOTHING`);
  const rows = await queryRaw<{ text: string }>(
    db,
    sql`SELECT concat_ws('/', i.epoch, s.system_identifier, c.timeline_id, d.oid) AS text
        FROM instance i, pg_control_system() s, pg_control_checkpoint() c, pg_database d
        WHERE i.id = 1 AND d.datname = current_database()`,
  );
  const text = rows[0]?.text;
  if (!text) throw new Error("the instance row is missing");
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
