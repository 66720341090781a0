import type { DeliveryOutcome, WebhookDelivery } from "@shiplog/db";
import { executeRaw, sql } from "@shiplog/db";
import { audited, authorize, keepsMetadataOnly } from "../../account/index.ts";
import type { Actor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { NotFoundError } from "../../errors.ts";
import { foldEvents, type Normalized } from "../../pipeline/index.ts";
import { transact } from "../../transaction.ts";
import { bodyFormat, parsePayload } from "./body.ts";
import { PayloadError } from "./errors.ts";
import { enqueueProcessing } from "./job.ts";
import type { IntakeProviders } from "./provider.ts";

const MAX_ERROR = 1_000;

/**
 * Processes a stored delivery: normalise, fold, and set its outcome in one transaction. A payload that cannot be read
 * ends as failed; any other failure is noted too and thrown, so that the job is tried again. Processing a delivery any
 * number of times has the effect of one. Answers null when the delivery was deleted meanwhile.
 */
export async function processDelivery(
  ctx: Context,
  input: { readonly id: string },
  providers: IntakeProviders,
): Promise<DeliveryOutcome | null> {
  const started = ctx.clock.now();
  const delivery = await ctx.db.webhookDelivery.findUnique({
    where: { id: input.id },
    include: { payload: true },
  });
  if (!delivery) return null;
  try {
    const normalized = normalize(delivery, delivery.payload?.body, providers);
    return await apply(ctx, delivery, normalized, started);
  } catch (error) {
    await settle(ctx, delivery, { outcome: "failed", error: textOf(error), started });
    if (error instanceof PayloadError) return "failed";
    throw error;
  }
}

/** One line for the operator: the database client writes the place in our source first, and what it is about last. */
function textOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${lastLine(error.message)}` : String(error);
  return text.slice(0, MAX_ERROR);
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}

function normalize(
  delivery: WebhookDelivery,
  body: Uint8Array | undefined,
  providers: IntakeProviders,
): Normalized {
  const provider = providers.get(delivery.provider);
  if (!provider) throw new PayloadError(`no provider named ${delivery.provider}`);
  if (!body) throw new PayloadError("the payload is no longer kept");
  const format = bodyFormat(delivery.contentType);
  const payload = format && parsePayload(format, body);
  if (!payload) throw new PayloadError("the body is not a JSON object");
  return provider.normalize(delivery.event, payload);
}

async function apply(
  ctx: Context,
  delivery: WebhookDelivery,
  normalized: Normalized,
  started: Date,
): Promise<DeliveryOutcome> {
  return transact(ctx, async (tx) => {
    if (normalized.kind === "ignored") {
      await settle(tx, delivery, { outcome: "ignored", error: normalized.reason, started });
      return "ignored";
    }
    const { projectId, provider } = delivery;
    const bodyHash = Buffer.from(delivery.bodyHash).toString("hex");
    await foldEvents(tx, { projectId, provider, bodyHash }, normalized.events);
    if (await keepsMetadataOnly(tx, projectId)) {
      await tx.db.webhookDeliveryPayload.deleteMany({ where: { deliveryId: delivery.id } });
    }
    await settle(tx, delivery, { outcome: "processed", error: null, started });
    return "processed";
  });
}

interface Settled {
  readonly outcome: "processed" | "ignored" | "failed";
  readonly error: string | null;
  readonly started: Date;
}

/** Writes the outcome to the delivery and to its integration, whose row is locked last. */
async function settle(ctx: Context, delivery: WebhookDelivery, settled: Settled): Promise<void> {
  const { outcome, error, started } = settled;
  const now = ctx.clock.now();
  const failed = outcome === "failed";
  await transact(ctx, async (tx) => {
    await tx.db.webhookDelivery.updateMany({
      where: { id: delivery.id },
      data: {
        outcome,
        error: error?.replaceAll("\0", "") ?? null,
        attempts: { increment: 1 },
        processedAt: now,
        durationMs: now.getTime() - started.getTime(),
      },
    });
    await executeRaw(
      tx.db,
      sql`UPDATE integration SET
            status = CASE WHEN status = 'disabled' THEN status
              ELSE ${failed ? "failing" : "active"}::integration_status END,
            last_error = ${failed ? error : null},
            last_delivery_at = greatest(last_delivery_at, ${delivery.receivedAt}::timestamptz),
            updated_at = ${now}::timestamptz
          WHERE id = ${delivery.integrationId}::uuid`,
    );
  });
}

/**
 * Has a delivery processed again by the worker. Needs delivery.reprocess; throws NotFoundError and ForbiddenError.
 * Answers the delivery, waiting.
 */
export async function reprocessDelivery(
  ctx: Context,
  actor: Actor,
  input: { readonly id: string },
): Promise<WebhookDelivery> {
  const { id } = input;
  const event = { action: "delivery.reprocess", target: { type: "WebhookDelivery", id } } as const;
  return audited(ctx, actor, event, (attempt) =>
    transact(ctx, async (tx) => {
      const found = await tx.db.webhookDelivery.findUnique({ where: { id }, select: { projectId: true } });
      if (!found) throw new NotFoundError("delivery");
      attempt.about(found);
      await authorize(tx, actor, found.projectId, "delivery.reprocess", "delivery");
      await attempt.succeed(tx);
      await enqueueProcessing(tx, id);
      return tx.db.webhookDelivery.update({
        where: { id },
        data: { outcome: "received", error: null, processedAt: null, durationMs: null },
      });
    }),
  );
}
