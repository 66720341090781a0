import { createHash, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Context } from "../context.ts";
import { decodeIdAs, encodeId, type IdType } from "../ids.ts";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ROW_SECRET_PATTERN = /^([a-z]{3}_[0-9a-z]{26})\.([\w-]{43})$/;
/**
 * An API key: `slk_`, its id (26 digits of Crockford's base32), 256 random bits (43 digits of base62), and the CRC-32
 * of all that in 6 digits of base62. README.md gives it to secret scanners.
 */
export const API_KEY_PATTERN = /^slk_([0-9a-hjkmnp-tv-z]{26})_([0-9A-Za-z]{43})_([0-9A-Za-z]{6})$/;
const SHOWN_DIGITS = 14;

/** A random secret with the row it belongs to. */
export interface SecretOf {
  readonly id: string;
  readonly secret: string;
}

/** SHA-256: the secrets are 256 random bits, so no slow hash is needed. */
export function hashSecret(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

/** Compares in constant time. */
export function matchesHash(secret: string, hash: Uint8Array): boolean {
  return hash.length === 32 && timingSafeEqual(hashSecret(secret), hash);
}

function base62(value: bigint, digits: number): string {
  let rest = value;
  let text = "";
  for (let i = 0; i < digits; i++) {
    text = BASE62[Number(rest % 62n)] + text;
    rest /= 62n;
  }
  return text;
}

function checksum(text: string): string {
  return base62(BigInt(crc32(text)), 6);
}

/** The text of a new API key: `slk_<id>_<secret>_<checksum>`; the checksum lets scanners tell it from chance. */
export function newApiKeyText(ctx: Context, id: string): { text: string; secret: string; prefix: string } {
  const secret = base62(BigInt(`0x${ctx.randomBytes(32).toString("hex")}`), 43);
  const name = encodeId("ApiKey", id).replace(/^key_/, "slk_");
  const body = `${name}_${secret}`;
  return { text: `${body}_${checksum(body)}`, secret, prefix: name.slice(0, "slk_".length + SHOWN_DIGITS) };
}

/** Whether a bearer credential claims to be an API key. */
export function looksLikeApiKey(text: string): boolean {
  return text.startsWith("slk_");
}

/** The parts of an API key; null when it is malformed or mistyped (checked without the database). */
export function parseApiKey(text: string): SecretOf | null {
  const [, digits, secret, sum] = API_KEY_PATTERN.exec(text) ?? [];
  if (!digits || !secret || sum !== checksum(text.slice(0, text.lastIndexOf("_")))) return null;
  const id = decodeIdAs("ApiKey", `key_${digits}`);
  return id ? { id, secret } : null;
}

/** The text of a secret that belongs to a row: `<public id>.<secret>`, 256 random bits. */
export function newRowSecret(ctx: Context, type: IdType, id: string): { text: string; secret: string } {
  const secret = ctx.randomBytes(32).toString("base64url");
  return { text: `${encodeId(type, id)}.${secret}`, secret };
}

/** The parts of such a text; null when it is malformed or of another type of row. */
export function parseRowSecret(type: IdType, text: string): SecretOf | null {
  const [, publicId, secret] = ROW_SECRET_PATTERN.exec(text) ?? [];
  const id = publicId ? decodeIdAs(type, publicId) : null;
  return id && secret ? { id, secret } : null;
}
