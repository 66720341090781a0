import { executeRaw, sql } from "@shiplog/db";
import { audit } from "../../account/index.ts";
import type { Context } from "../../context.ts";
import { unreachable } from "../../errors.ts";
import { transact } from "../../transaction.ts";
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
    case "too_many":
      return "Too many deliveries, or too many with a wrong signature, in this minute.";
    default:
      return unreachable(refusal);
  }
}

const QUIET_MS = 5_000;

/**
 * Tells the operator, and the audit log, at most once in a few seconds: a stranger who knows the URL must not make the database write at
 * his pace, nor make requests queue up behind the row's lock.
 */
export async function noteRefusal(
  ctx: Context,
  { id, projectId }: { readonly id: string; readonly projectId: string },
  refusal: Refusal,
  detail?: string,
): Promise<void> {
  const now = ctx.clock.now();
  const quietSince = new Date(now.getTime() - QUIET_MS);
  const text = `Refused: ${refusalText(refusal, detail)}`;
  await transact(ctx, async (tx) => {
    const noted = await executeRaw(
      tx.db,
      sql`UPDATE integration SET last_error = ${text}, updated_at = ${now}::timestamptz WHERE id = (
            SELECT id FROM integration WHERE id = ${id}::uuid
              AND (last_error IS NULL OR updated_at < ${quietSince}::timestamptz)
            FOR NO KEY UPDATE SKIP LOCKED)`,
    );
    if (noted === 0) return;
    await audit(tx, ctx, null, {
      action: "delivery.receive",
      projectId,
      target: { type: "Integration", id },
      outcome: "refused",
      details: { reason: refusal },
    });
  });
}
