import { createHash } from "node:crypto";
import { executeRaw, join, queryRaw, type Sql, sql } from "@shiplog/db";
import type { Context } from "../context.ts";
import { TooManyAttemptsError } from "./errors.ts";

/** Failures are counted under a key, leak away with time, and delay the next attempt once they are too many. */
export interface Bucket {
  readonly key: string;
  /** So many in a row cost nothing; each further one doubles the wait, from 2 seconds up to 15 minutes. */
  readonly free: number;
  /** Seconds after which one failure is forgotten. */
  readonly leakSeconds: number;
}

/** Attempts that count as failures until they are known to be none. */
export interface Reservation {
  /** The attempt was no wrong guess (it was right, or never looked at): takes it back. */
  refund(): Promise<void>;
  /** Forgets everything under these buckets. */
  clear(buckets: readonly Bucket[]): Promise<void>;
}

const FIRST_WAIT_SECONDS = 2;
const LONGEST_WAIT_SECONDS = 15 * 60;

/** A key that holds no address or name in the clear. */
export function keyOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 27);
}

/** The network that one subscriber holds: an IPv4 address, or the first 64 bits of an IPv6 address. */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("%")[0]?.toLowerCase().split("::") ?? [];
  const groups = head ? head.split(":") : [];
  const last = tail ? tail.split(":") : [];
  const filled =
    tail === undefined ? groups : [...groups, ...Array(8 - groups.length - last.length).fill("0")];
  return `${[...filled, ...last]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}

/**
 * Counts an attempt under every bucket before it is looked at, so that many at the same time, on whichever server,
 * are no more than many in a row. Throws TooManyAttemptsError, and counts nothing, when one of them must wait. One
 * statement per bucket.
 */
export async function reserve(ctx: Context, buckets: readonly Bucket[]): Promise<Reservation> {
  const taken: Bucket[] = [];
  for (const bucket of buckets) {
    const wait = await take(ctx, bucket);
    if (wait !== null) {
      await refund(ctx, taken);
      throw new TooManyAttemptsError(wait);
    }
    taken.push(bucket);
  }
  return {
    refund: () => refund(ctx, taken),
    clear: async (which) => {
      const keys = which.map((bucket) => bucket.key);
      if (keys.length > 0) await ctx.db.signInThrottle.deleteMany({ where: { key: { in: keys } } });
    },
  };
}

/** Failures that have not leaked away yet; 0 for a key that nobody counted under. */
export async function failuresOf(ctx: Context, bucket: Bucket): Promise<number> {
  const [row] = await queryRaw<{ failures: number }>(
    ctx.db,
    sql`SELECT ${leaked(ctx, bucket)} AS failures FROM sign_in_throttle t WHERE t.key = ${bucket.key}`,
  );
  return row?.failures ?? 0;
}

/** Deletes what has leaked away altogether; returns how many keys. */
export async function pruneThrottle(ctx: Context): Promise<number> {
  const before = new Date(ctx.clock.now().getTime() - 24 * 3_600_000);
  return (await ctx.db.signInThrottle.deleteMany({ where: { updatedAt: { lt: before } } })).count;
}

function leaked(ctx: Context, { leakSeconds }: Bucket): Sql {
  return sql`greatest(0, t.failures - extract(epoch FROM ${ctx.clock.now()}::timestamptz - t.updated_at)::float8
    / ${leakSeconds}::float8)`;
}

/** Null when the attempt counts; else the seconds until one may. */
async function take(ctx: Context, bucket: Bucket): Promise<number | null> {
  const now = ctx.clock.now();
  const count = sql`${leaked(ctx, bucket)} + 1`;
  // Rounded up: what leaked between two attempts a second apart does not make a third one free.
  const blocked = (failures: Sql) => sql`CASE WHEN ceil(${failures}) >= ${bucket.free}::float8 THEN
    ${now}::timestamptz + make_interval(secs => least(${LONGEST_WAIT_SECONDS}::float8,
      ${FIRST_WAIT_SECONDS}::float8 * power(2, least(30, ceil(${failures}) - ${bucket.free}::float8)))) END`;
  const rows = await queryRaw(
    ctx.db,
    sql`INSERT INTO sign_in_throttle AS t (key, failures, blocked_until, updated_at)
        VALUES (${bucket.key}, 1, ${blocked(sql`1`)}, ${now})
        ON CONFLICT (key) DO UPDATE
          SET failures = ${count}, blocked_until = ${blocked(count)}, updated_at = excluded.updated_at
          WHERE t.blocked_until IS NULL OR t.blocked_until <= ${now}
        RETURNING key`,
  );
  if (rows.length > 0) return null;
  const row = await ctx.db.signInThrottle.findUnique({ where: { key: bucket.key } });
  const until = row?.blockedUntil?.getTime() ?? now.getTime();
  return Math.max(1, Math.ceil((until - now.getTime()) / 1000));
}

async function refund(ctx: Context, buckets: readonly Bucket[]): Promise<void> {
  if (buckets.length === 0) return;
  const values = join(buckets.map(({ key, free }) => sql`(${key}, ${free}::float8)`));
  await executeRaw(
    ctx.db,
    sql`UPDATE sign_in_throttle t SET failures = greatest(0, t.failures - 1),
          blocked_until = CASE WHEN t.failures - 1 >= b.free THEN t.blocked_until END
        FROM (VALUES ${values}) AS b(key, free) WHERE t.key = b.key`,
  );
}
