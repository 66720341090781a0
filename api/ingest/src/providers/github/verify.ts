import { createHmac, timingSafeEqual } from "node:crypto";
import type { Headers } from "@shiplog/core/project";

const SIGNATURE = /^sha256=([0-9a-f]{64})$/;
const DELIVERY_ID = /^[\w-]{1,100}$/;
const EVENT = /^[a-z][a-z0-9_]{0,99}$/;

/** Whether GitHub's SHA-256 signature is there; the SHA-1 one of old is not looked at. */
export function hasSignature(headers: Headers): boolean {
  return Boolean(headers["x-hub-signature-256"]);
}

/** HMAC-SHA256 over the raw bytes, compared in constant time. */
export function verify(secret: string, headers: Headers, body: Uint8Array): boolean {
  const given = SIGNATURE.exec(headers["x-hub-signature-256"] ?? "")?.[1];
  if (given === undefined) return false;
  return timingSafeEqual(Buffer.from(given, "hex"), createHmac("sha256", secret).update(body).digest());
}

/** The delivery's GUID, unchanged when GitHub delivers again, and the event's name. */
export function identify(headers: Headers): { deliveryId: string; event: string } | { missing: string } {
  const deliveryId = headers["x-github-delivery"] ?? "";
  const event = headers["x-github-event"] ?? "";
  if (!DELIVERY_ID.test(deliveryId)) return { missing: "X-GitHub-Delivery" };
  if (!EVENT.test(event)) return { missing: "X-GitHub-Event" };
  return { deliveryId, event };
}

export const KEPT_HEADERS = [
  "x-github-event",
  "x-github-delivery",
  "x-github-hook-id",
  "x-github-hook-installation-target-id",
  "x-github-hook-installation-target-type",
  "x-github-enterprise-host",
  "x-github-enterprise-version",
  "user-agent",
  "content-type",
] as const;
