import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { SecretBox } from "./ports.ts";

/** One key of the ring that wraps stored secrets: its name and 32 bytes. */
export interface RingKey {
  /** Written into every envelope; 1-255 bytes of UTF-8, never given to another key. */
  readonly id: string;
  readonly key: Buffer;
}

/** The layout after it: id length (1), id, nonce, tag, ciphertext. */
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/**
 * AES-256-GCM with a random nonce per envelope; the version, the key's id and `bind` are authenticated with it.
 * The first key of the ring seals, any of them opens, so a new key is put first and the old one kept until all
 * is sealed anew. Throws at once when the ring is empty, doubled or has a key of another size.
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
    seal: (plain, bind) => seal(first, plain, bind),
    open: (sealed, bind) => open(keys, Buffer.from(sealed), bind),
  };
}

function header(id: string): Buffer {
  const name = Buffer.from(id);
  return Buffer.concat([Buffer.from([VERSION, name.length]), name]);
}

function seal({ id, key }: RingKey, plain: Buffer, bind: string): Buffer {
  const head = header(id);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.concat([head, Buffer.from(bind)]));
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([head, nonce, cipher.getAuthTag(), text]);
}

function open(keys: ReadonlyMap<string, Buffer>, sealed: Buffer, bind: string): Buffer {
  const idLength = sealed[1] ?? 0;
  const body = 2 + idLength;
  if (sealed[0] !== VERSION || sealed.length < body + NONCE_BYTES + TAG_BYTES)
    throw new Error("no sealed secret");
  const id = sealed.toString("utf8", 2, body);
  const key = keys.get(id);
  if (!key) throw new Error(`the key ring lacks the key ${id} of a stored secret`);
  const nonce = sealed.subarray(body, body + NONCE_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.concat([sealed.subarray(0, body), Buffer.from(bind)]));
  decipher.setAuthTag(sealed.subarray(body + NONCE_BYTES, body + NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(body + NONCE_BYTES + TAG_BYTES)), decipher.final()]);
}
