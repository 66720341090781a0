import { uuidv7 } from "uuidv7";

/** Type name -> prefix of its public id. The pair (prefix, uuid) is the only form of an id outside. */
export const ID_PREFIX = {
  User: "usr",
  Session: "sss",
  SigningKey: "sgk",
  UserIdentity: "idn",
  RefreshToken: "rft",
  KnownDevice: "dev",
  PasswordReset: "pwr",
  Invitation: "inv",
  ApiKey: "key",
  Project: "prj",
  ProjectMember: "mbr",
  Integration: "int",
  WebhookDelivery: "dlv",
  Repository: "rep",
  Commit: "cmt",
  PullRequest: "pul",
  PipelineExecution: "ppl",
  PipelineJob: "job",
  Environment: "env",
  Deployment: "dpl",
  AgentExecution: "aex",
  AIActivity: "act",
  AISession: "ais",
  EventContent: "cnt",
  AuditEntry: "aud",
} as const;

export type IdType = keyof typeof ID_PREFIX;

const TYPE_OF = new Map<string, IdType>(
  Object.entries(ID_PREFIX).map(([type, prefix]) => [prefix, type as IdType]),
);
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const DIGITS = 26;

/** A new time-ordered UUID (version 7). */
export function newUuid(): string {
  return uuidv7();
}

function toBase32(hex: string): string {
  let value = BigInt(`0x${hex}`);
  let text = "";
  for (let i = 0; i < DIGITS; i++) {
    text = ALPHABET[Number(value & 31n)] + text;
    value >>= 5n;
  }
  return text;
}

function fromBase32(text: string): string | null {
  let value = 0n;
  for (const char of text) {
    const digit = ALPHABET.indexOf(char);
    if (digit < 0) return null;
    value = (value << 5n) | BigInt(digit);
  }
  const hex = value.toString(16).padStart(32, "0");
  if (hex.length > 32) return null;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * The public id of an object: prefix, underscore, and the UUID in 26 Crockford base32 digits
 * (`prj_06ev…`). An object with a compound key joins its UUIDs, each in 26 digits.
 */
export function encodeId(type: IdType, ...uuids: readonly string[]): string {
  return `${ID_PREFIX[type]}_${uuids.map((uuid) => toBase32(uuid.replaceAll("-", ""))).join("")}`;
}

/** The type and UUIDs behind a public id; null when it is none. */
export function decodeId(id: string): { type: IdType; uuids: string[] } | null {
  const cut = id.indexOf("_");
  const type = TYPE_OF.get(id.slice(0, cut));
  const digits = id.slice(cut + 1);
  if (!type || digits.length === 0 || digits.length % DIGITS !== 0 || digits.length > DIGITS * 2) return null;
  const uuids: string[] = [];
  for (let at = 0; at < digits.length; at += DIGITS) {
    const uuid = fromBase32(digits.slice(at, at + DIGITS));
    if (uuid === null) return null;
    uuids.push(uuid);
  }
  return { type, uuids };
}

/** The UUID behind a public id of that type; null when it is not one (the caller answers "not found"). */
export function decodeIdAs(type: IdType, id: string): string | null {
  const decoded = decodeId(id);
  return decoded?.type === type && decoded.uuids.length === 1 ? (decoded.uuids[0] ?? null) : null;
}
