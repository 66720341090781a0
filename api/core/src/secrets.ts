import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { SecretBox } from "./ports.ts";

/** One key of the ring that wraps stored secrets: its name and 32 bytes. */
export interface RingKey {
  /** Written into every envelope; 1-255 bytes of UTF-8, never given to another key. */
  readonly id: string;
  readonly key: Buffer;
}

/**
 * id length (1), id, the secret's own key wrapped by the ring's key (nonce, tag, 32 bytes), then the secret under its
 * own key (nonce, tag, ciphertext). Re-wrapping changes the first half only.
 */
const VERSION = 2;
/** As above without a key of its own: nonce, tag, ciphertext under the ring's key. */
const DIRECT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const BOX_BYTES = NONCE_BYTES + TAG_BYTES;
const WRAPPED_BYTES = BOX_BYTES + KEY_BYTES;

/**
 * AES-256-GCM with random nonces: each secret under a random key of its own, that key under one of the ring. The
 * version, the ring key's id and `bind` are authenticated with it. The first key of the ring seals, any of them opens,
 * so a new key is put first and the old one kept until all is re-wrapped. Throws at once when the ring is empty,
 * doubled or has a key of another size.
 */
export function createSecretBox(ring: readonly RingKey[]): SecretBox {
  const keys = new Map(ring.map(({ id, key }) => [id, key]));
  const [first] = ring;
  if (!first || keys.size < ring.length) throw new Error("the key ring needs keys with distinct ids");
  for (const { id, key } of ring) {
    const length = Buffer.byteLength(id);
    if (key.length !== KEY_BYTES) throw new Error(`key ${id} must have ${KEY_BYTES} bytes`);
    if (length < 1 || length > 255) throw new Error("a key's id must have 1 to 255 bytes");
  }
  return {
    keyIds: ring.map(({ id }) => id),
    seal: (plain, bind) => seal(first, plain, bind),
    open: (sealed, bind) => open(keys, Buffer.from(sealed), bind),
    rewrap: (sealed, bind) => rewrap(first, keys, Buffer.from(sealed), bind),
  };
}

function encrypt(key: Buffer, plain: Buffer, bound: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(bound);
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
}

function decrypt(key: Buffer, box: Buffer, bound: Buffer): Buffer {
  const nonce = box.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(bound);
  decipher.setAuthTag(box.subarray(NONCE_BYTES, BOX_BYTES));
  return Buffer.concat([decipher.update(box.subarray(BOX_BYTES)), decipher.final()]);
}

function header(id: string): Buffer {
  const name = Buffer.from(id);
  return Buffer.concat([Buffer.from([VERSION, name.length]), name]);
}

/** The id of the ring's key stays out of what the secret itself is bound to, so that another may wrap it. */
function bindings(head: Buffer, bind: string) {
  return {
    wrapped: Buffer.concat([head, Buffer.from(bind)]),
    secret: Buffer.concat([head.subarray(0, 1), Buffer.from(bind)]),
  };
}

function seal({ id, key }: RingKey, plain: Buffer, bind: string): Buffer {
  const head = header(id);
  const bound = bindings(head, bind);
  const own = randomBytes(KEY_BYTES);
  return Buffer.concat([head, encrypt(key, own, bound.wrapped), encrypt(own, plain, bound.secret)]);
}

interface Envelope {
  readonly version: number;
  readonly keyId: string;
  readonly head: Buffer;
  readonly body: Buffer;
}

function parse(sealed: Buffer): Envelope {
  const version = sealed[0] ?? 0;
  const end = 2 + (sealed[1] ?? 0);
  const least = version === VERSION ? WRAPPED_BYTES + BOX_BYTES : BOX_BYTES;
  if ((version !== VERSION && version !== DIRECT) || sealed.length < end + least) {
    throw new Error("no sealed secret");
  }
  const [head, body] = [sealed.subarray(0, end), sealed.subarray(end)];
  return { version, keyId: sealed.toString("utf8", 2, end), head, body };
}

function keyOf(keys: ReadonlyMap<string, Buffer>, id: string): Buffer {
  const key = keys.get(id);
  if (!key) throw new Error(`the key ring lacks the key ${id} of a stored secret`);
  return key;
}

function open(keys: ReadonlyMap<string, Buffer>, sealed: Buffer, bind: string): Buffer {
  const { version, keyId, head, body } = parse(sealed);
  const key = keyOf(keys, keyId);
  const bound = bindings(head, bind);
  if (version === DIRECT) return decrypt(key, body, bound.wrapped);
  const own = decrypt(key, body.subarray(0, WRAPPED_BYTES), bound.wrapped);
  return decrypt(own, body.subarray(WRAPPED_BYTES), bound.secret);
}

/** The secret of an envelope of today's version is never decrypted here, its key only. */
function rewrap(
  first: RingKey,
  keys: ReadonlyMap<string, Buffer>,
  sealed: Buffer,
  bind: string,
): Buffer | null {
  const { version, keyId, head, body } = parse(sealed);
  if (version === DIRECT) return seal(first, open(keys, sealed, bind), bind);
  if (keyId === first.id) return null;
  const own = decrypt(keyOf(keys, keyId), body.subarray(0, WRAPPED_BYTES), bindings(head, bind).wrapped);
  const next = header(first.id);
  const wrapped = encrypt(first.key, own, bindings(next, bind).wrapped);
  return Buffer.concat([next, wrapped, body.subarray(WRAPPED_BYTES)]);
}
