import { executeRaw, sql } from "@shiplog/db";
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import type { Context } from "../context.ts";
import type { Bus } from "../ports.ts";
import { transact } from "../transaction.ts";

export const ALGORITHM = "EdDSA";

export interface Signer {
  readonly id: string;
  readonly privateKey: CryptoKey;
}

interface Keys {
  signer: Promise<Signer> | null;
  readonly verifiers: Map<string, CryptoKey>;
}

/** One bus belongs to one database in one process, and it outlives the contexts of transactions. */
const CACHE = new WeakMap<Bus, Keys>();

function cacheOf(ctx: Context): Keys {
  let keys = CACHE.get(ctx.bus);
  if (!keys) {
    keys = { signer: null, verifiers: new Map() };
    CACHE.set(ctx.bus, keys);
  }
  return keys;
}

/** The key that signs access tokens; made at the first use of a database. */
export function loadSigner(ctx: Context): Promise<Signer> {
  const cache = cacheOf(ctx);
  cache.signer ??= readOrCreateSigner(ctx).catch((error) => {
    cache.signer = null;
    throw error;
  });
  return cache.signer;
}

/** The public key of that name; null when there is none. Reads the database once per key. */
export async function loadVerifier(ctx: Context, id: string): Promise<CryptoKey | null> {
  const { verifiers } = cacheOf(ctx);
  const known = verifiers.get(id);
  if (known) return known;
  const row = await ctx.db.signingKey.findUnique({ where: { id } });
  if (!row || row.retiredAt) return null;
  const key = (await importJWK(row.publicJwk as JWK, ALGORITHM)) as CryptoKey;
  verifiers.set(id, key);
  return key;
}

function bindOf(id: string): string {
  return `signing_key|${id}|private`;
}

async function readOrCreateSigner(ctx: Context): Promise<Signer> {
  return transact(ctx, async (tx) => {
    // Two processes that start at once wait for each other here: the second finds the first one's key.
    await executeRaw(tx.db, sql`SELECT FROM pg_advisory_xact_lock(hashtext('shiplog.signing_key'))`);
    const row = await tx.db.signingKey.findFirst({
      where: { retiredAt: null, algorithm: ALGORITHM },
      orderBy: { createdAt: "desc" },
    });
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
