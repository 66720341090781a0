import { queryRaw, sql } from "@shiplog/db";
import type { Actor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import type { Json } from "../../ports.ts";
import { deliveryVisibility } from "../visibility.ts";
import { bodyFormat, bodyText, parsePayload } from "./body.ts";

export interface DeliveryPayload {
  /** Null when the body is no JSON object. */
  readonly payload: Json | null;
  /** The JSON text as it came; null when the body is not UTF-8. */
  readonly text: string | null;
}

/** The body of a delivery (UUID); null when it is not kept or the actor may not see it. Up to 25 MB; one statement. */
export async function deliveryPayload(
  ctx: Context,
  actor: Actor,
  input: { readonly id: string },
): Promise<DeliveryPayload | null> {
  const row = await ctx.db.webhookDeliveryPayload.findFirst({
    where: { deliveryId: input.id, delivery: deliveryVisibility(actor) },
    select: { body: true, delivery: { select: { contentType: true } } },
  });
  if (!row) return null;
  const format = bodyFormat(row.delivery.contentType) ?? "json";
  return { payload: parsePayload(format, row.body), text: bodyText(format, row.body) };
}

export interface DeliveryCounts {
  readonly received: number;
  readonly processed: number;
  readonly ignored: number;
  readonly failed: number;
}

const NONE: DeliveryCounts = { received: 0, processed: 0, ignored: 0, failed: 0 };

/**
 * Deliveries of the last 24 hours by outcome, for each of the integrations (UUIDs) in order. One statement. The caller
 * must have found the integrations through `integrationVisibility`.
 */
export async function deliveryCounts(
  ctx: Context,
  integrationIds: readonly string[],
): Promise<DeliveryCounts[]> {
  const since = new Date(ctx.clock.now().getTime() - 24 * 60 * 60 * 1000);
  const rows = await queryRaw<{ id: string; outcome: keyof DeliveryCounts; count: number }>(
    ctx.db,
    sql`SELECT integration_id AS id, outcome::text, count(*)::int AS count FROM webhook_delivery
        WHERE integration_id = ANY(${integrationIds}::uuid[]) AND received_at >= ${since}::timestamptz
        GROUP BY integration_id, outcome`,
  );
  const byId = Map.groupBy(rows, (row) => row.id);
  return integrationIds.map((id) => {
    const counts = (byId.get(id) ?? []).map((row) => [row.outcome, row.count]);
    return { ...NONE, ...Object.fromEntries(counts) };
  });
}
