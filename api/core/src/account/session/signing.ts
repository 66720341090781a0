import { executeRaw, type SigningKey, sql } from "@shiplog/db";
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import { type Actor, SYSTEM } from "../../actor.ts";
import type { Context } from "../../context.ts";
import type { Bus } from "../../ports.ts";
import { signingKeySecret } from "../../secret-places.ts";
import { transact } from "../../transaction.ts";
import { audit, audited } from "../audit/index.ts";
import { authorizeInstance } from "../policy.ts";

export const ALGORITHM = "EdDSA";
export const ACCESS_TOKEN_MS = 15 * 60_000;
/** How long a process may go on with what it read of the keys; it also reads anew when access was taken away. */
const CACHE_MS = 60_000;
/** The longest life of any token that is signed: that of a CI job which appends to its run. */
export const MAX_TOKEN_MS = 24 * 3_600_000;
/** A replaced key verifies until the last token that any process may have signed with it has run out. */
const OVERLAP_MS = MAX_TOKEN_MS + 2 * CACHE_MS;
const KEY_LIFE_MS = 30 * 24 * 3_600_000;

export interface Signer {
  readonly id: string;
  readonly privateKey: CryptoKey;
}

interface Verifier {
  readonly key: CryptoKey;
  readonly retiredAt: Date | null;
}

interface Cached<T> {
  readonly value: Promise<T>;
  readonly readAt: number;
}

interface Keys {
  signer: Cached<Signer> | null;
  readonly verifiers: Map<string, Cached<Verifier | null>>;
}

/** One bus belongs to one database in one process, and it outlives the contexts of transactions. */
const CACHE = new WeakMap<Bus, Keys>();

function cacheOf(ctx: Context): Keys {
  let keys = CACHE.get(ctx.bus);
  if (!keys) {
    const made: Keys = { signer: null, verifiers: new Map() };
    ctx.bus.onAccessChanged(() => forget(made));
    CACHE.set(ctx.bus, made);
    keys = made;
  }
  return keys;
}

function forget(keys: Keys): void {
  keys.signer = null;
  keys.verifiers.clear();
}

function isFresh(ctx: Context, cached: Cached<unknown> | null | undefined): boolean {
  return cached != null && ctx.clock.now().getTime() - cached.readAt < CACHE_MS;
}

/** The key that signs access tokens; made at the first use of a database. */
export function loadSigner(ctx: Context): Promise<Signer> {
  const cache = cacheOf(ctx);
  if (cache.signer && isFresh(ctx, cache.signer)) return cache.signer.value;
  const value = readOrCreateSigner(ctx);
  cache.signer = { value, readAt: ctx.clock.now().getTime() };
  value.catch(() => {
    cache.signer = null;
  });
  return value;
}

/** The public key of that name; null when there is none, or it was retired. Reads the database once a minute. */
export async function loadVerifier(ctx: Context, id: string): Promise<CryptoKey | null> {
  const { verifiers } = cacheOf(ctx);
  let cached = verifiers.get(id);
  if (!cached || !isFresh(ctx, cached)) {
    cached = { value: readVerifier(ctx, id), readAt: ctx.clock.now().getTime() };
    verifiers.set(id, cached);
    // A name that is none is not kept: they can be made up without end.
    cached.value.then(
      (found) => found ?? verifiers.delete(id),
      () => verifiers.delete(id),
    );
  }
  const found = await cached.value;
  return found && !isRetired(ctx, found.retiredAt) ? found.key : null;
}

function isRetired(ctx: Context, retiredAt: Date | null): boolean {
  return retiredAt !== null && retiredAt <= ctx.clock.now();
}

async function readVerifier(ctx: Context, id: string): Promise<Verifier | null> {
  const row = await ctx.db.signingKey.findUnique({ where: { id } });
  if (!row) return null;
  const key = (await importJWK(row.publicJwk as JWK, ALGORITHM)) as CryptoKey;
  return { key, retiredAt: row.retiredAt };
}

const bindOf = signingKeySecret.bind;

/** Two processes that make a key at once wait for each other here: the second finds the first one's. */
async function lockKeys(tx: Context): Promise<SigningKey | null> {
  await executeRaw(tx.db, sql`SELECT FROM pg_advisory_xact_lock(hashtext('shiplog.signing_key'))`);
  return tx.db.signingKey.findFirst({
    where: { retiredAt: null, algorithm: ALGORITHM },
    orderBy: { createdAt: "desc" },
  });
}

async function readOrCreateSigner(ctx: Context): Promise<Signer> {
  return transact(ctx, async (tx) => {
    const row = await lockKeys(tx);
    if (!row) return createSigner(tx);
    const jwk = JSON.parse(tx.secrets.open(row.privateSealed, bindOf(row.id)).toString());
    return { id: row.id, privateKey: (await importJWK(jwk, ALGORITHM)) as CryptoKey };
  });
}

async function createSigner(tx: Context): Promise<Signer> {
  const id = tx.newId();
  const pair = await generateKeyPair(ALGORITHM, { crv: "Ed25519", extractable: true });
  const secret = Buffer.from(JSON.stringify(await exportJWK(pair.privateKey)));
  await tx.db.signingKey.create({
    data: {
      id,
      algorithm: ALGORITHM,
      publicJwk: { ...(await exportJWK(pair.publicKey)) },
      privateSealed: new Uint8Array(tx.secrets.seal(secret, bindOf(id))),
      createdAt: tx.clock.now(),
    },
  });
  return { id, privateKey: pair.privateKey };
}

export interface RotatedKey {
  /** Names the new key in the header of tokens (`kid`). */
  readonly id: string;
  /** Until then tokens of the keys before it are good. */
  readonly previousUntil: Date;
}

/**
 * A new key signs from now on. Those before it verify what they signed until it has run out, so nobody is signed
 * out; with `immediately` (a key leaked) they verify nothing any more, and every client fetches a new access token
 * with its refresh token. For administrators (ForbiddenError).
 */
export async function rotateSigningKey(
  ctx: Context,
  actor: Actor,
  { immediately = false }: { readonly immediately?: boolean } = {},
): Promise<RotatedKey> {
  const event = { action: "signing_key.rotate", details: { immediately } };
  return audited(ctx, actor, event, async (attempt) => {
    authorizeInstance(actor, "signing_key.rotate");
    return transact(ctx, async (tx) => {
      await lockKeys(tx);
      const rotated = await rotate(tx, immediately);
      await attempt.succeed(tx, { target: { type: "SigningKey", id: rotated.id } });
      return rotated;
    });
  });
}

async function rotate(tx: Context, immediately: boolean): Promise<RotatedKey> {
  const now = tx.clock.now();
  const previousUntil = immediately ? now : new Date(now.getTime() + OVERLAP_MS);
  await tx.db.signingKey.updateMany({
    where: immediately ? { OR: [{ retiredAt: null }, { retiredAt: { gt: now } }] } : { retiredAt: null },
    data: { retiredAt: previousUntil },
  });
  const { id } = await createSigner(tx);
  tx.afterCommit(() => {
    forget(cacheOf(tx));
    tx.bus.accessChanged();
  });
  return { id, previousUntil };
}

/** The job's part: a key that is 30 days old is replaced, and those that verify nothing any more are deleted. */
export async function rotateDueSigningKey(ctx: Context): Promise<boolean> {
  const now = ctx.clock.now().getTime();
  await ctx.db.signingKey.deleteMany({ where: { retiredAt: { lt: new Date(now - KEY_LIFE_MS) } } });
  return transact(ctx, async (tx) => {
    const current = await lockKeys(tx);
    if (!current || current.createdAt.getTime() > now - KEY_LIFE_MS) return false;
    const { id } = await rotate(tx, false);
    await audit(tx, ctx, SYSTEM, { action: "signing_key.rotate", target: { type: "SigningKey", id } });
    return true;
  });
}
