import { executeRaw, sql } from "@shiplog/db";
import type { Context } from "../../context.ts";
import { unreachable } from "../../errors.ts";
import type { Refusal } from "./receive.ts";

/** A sentence for the sender and for the operator. */
export function refusalText(refusal: Refusal, detail?: string): string {
  switch (refusal) {
    case "unknown_integration":
      return "No such integration. Check the webhook's URL.";
    case "disabled":
      return "This integration is disabled.";
    case "missing_signature":
      return "The request is not signed. Set the webhook's secret to the integration's.";
    case "bad_signature":
      return "The signature is wrong. The webhook's secret is not the integration's.";
    case "too_large":
      return "The body is too large.";
    case "unsupported_media_type":
      return "The content type must be application/json or application/x-www-form-urlencoded, uncompressed.";
    case "missing_header":
      return `The header ${detail ?? ""} is missing or malformed.`;
    case "malformed_body":
      return "The body is not a JSON object.";
    default:
      return unreachable(refusal);
  }
}

const QUIET_MS = 5_000;

/**
 * Tells the operator, at most once in a few seconds: a stranger who knows the URL must not make the database write at
 * his pace, nor make requests queue up behind the row's lock.
 */
export async function noteRefusal(
  ctx: Context,
  integrationId: string,
  refusal: Refusal,
  detail?: string,
): Promise<void> {
  const now = ctx.clock.now();
  const quietSince = new Date(now.getTime() - QUIET_MS);
  const text = `Refused: ${refusalText(refusal, detail)}`;
  await executeRaw(
    ctx.db,
    sql`UPDATE integration SET last_error = ${text}, updated_at = ${now}::timestamptz WHERE id = (
          SELECT id FROM integration WHERE id = ${integrationId}::uuid
            AND (last_error IS NULL OR updated_at < ${quietSince}::timestamptz)
          FOR NO KEY UPDATE SKIP LOCKED)`,
  );
}
