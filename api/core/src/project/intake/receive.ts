import { createHash } from "node:crypto";
import { executeRaw, queryRaw, sql } from "@shiplog/db";
import { audit } from "../../account/index.ts";
import type { Context } from "../../context.ts";
import { decodeIdAs, encodeId } from "../../ids.ts";
import type { Json, RateState } from "../../ports.ts";
import { rateKeyOf } from "../../rate-limits.ts";
import { redactorOf } from "../../redact/index.ts";
import { transact } from "../../transaction.ts";
import { bodyFormat, parsePayload, withoutSecrets } from "./body.ts";
import { secretBinding } from "./integrations.ts";
import { enqueueProcessing } from "./job.ts";
import type { Headers, IntakeProvider } from "./provider.ts";
import { noteRefusal } from "./refusal.ts";

export interface ReceiveInput {
  /** The public id in the path. */
  readonly integrationId: string;
  readonly headers: Headers;
  /** Reads the raw bytes; null as soon as they exceed `limit`. Called at most once, after the cheap checks. */
  readonly readBody: (limit: number) => Promise<Uint8Array | null>;
}

/** Why a request was not taken. */
export type Refusal =
  | "unknown_integration"
  | "disabled"
  | "missing_signature"
  | "bad_signature"
  | "too_large"
  | "unsupported_media_type"
  | "missing_header"
  | "malformed_body"
  | "too_many";

/** What became of a request; `id` is the delivery's public id. `rate` is what was charged, if anything. */
export type ReceiveOutcome = (
  | { readonly outcome: "accepted" | "duplicate"; readonly id: string }
  | { readonly outcome: Refusal; readonly detail?: string }
) & { readonly rate?: RateState | null };

interface Target {
  id: string;
  projectId: string;
  status: string;
  secretSealed: Uint8Array;
}

/**
 * The inbox: integration -> size -> signature over the raw bytes -> dedupe by delivery id -> store and enqueue in one
 * transaction. Nothing is parsed before the signature is right, and nothing of a refused request is stored but a line
 * for the operator. Processing happens in the worker.
 */
export async function receiveDelivery(
  ctx: Context,
  provider: IntakeProvider,
  input: ReceiveInput,
): Promise<ReceiveOutcome> {
  const target = await findTarget(ctx, provider, input.integrationId);
  if (!target) {
    const rate = await chargeStranger(ctx);
    return { outcome: isOverdrawn(rate) ? "too_many" : "unknown_integration", rate };
  }
  if (target.status === "disabled") return { outcome: "disabled" };
  const checked = await check(ctx, provider, target, input);
  const { rate } = checked;
  if (!("refusal" in checked))
    return { ...(await store(ctx, provider, target, input.headers, checked)), rate };
  await noteRefusal(ctx, target, checked.refusal, checked.detail);
  return { outcome: checked.refusal, rate, ...(checked.detail && { detail: checked.detail }) };
}

/** Who does not prove himself is charged to where he is: only who knows the secret may use up the integration's points. */
function chargeStranger(ctx: Context): Promise<RateState | null> {
  return ctx.limits.take("bad_signatures", rateKeyOf(null, ctx.origin?.address ?? null) ?? "");
}

function isOverdrawn(rate: RateState | null): boolean {
  return rate !== null && !rate.allowed;
}

async function findTarget(ctx: Context, provider: IntakeProvider, publicId: string): Promise<Target | null> {
  const id = decodeIdAs("Integration", publicId);
  if (id === null) return null;
  return ctx.db.integration.findFirst({
    where: { id, provider: provider.name },
    select: { id: true, projectId: true, status: true, secretSealed: true },
  });
}

interface Checked {
  readonly body: Uint8Array;
  readonly deliveryId: string;
  readonly event: string;
  readonly action: string | null;
  readonly rate: RateState | null;
}
interface Refused {
  readonly refusal: Refusal;
  readonly detail?: string;
  readonly rate?: RateState | null;
}

async function check(
  ctx: Context,
  provider: IntakeProvider,
  target: Target,
  { headers, readBody }: ReceiveInput,
): Promise<Checked | Refused> {
  if (Number(headers["content-length"] ?? 0) > provider.maxBodyBytes) return { refusal: "too_large" };
  if (!provider.hasSignature(headers)) {
    const rate = await chargeStranger(ctx);
    return { refusal: isOverdrawn(rate) ? "too_many" : "missing_signature", rate };
  }
  const body = await readBody(provider.maxBodyBytes);
  if (body === null) return { refusal: "too_large" };
  const secret = ctx.secrets.open(target.secretSealed, secretBinding(target.id)).toString();
  const signed = provider.verify(secret, headers, body);
  const rate = signed ? await ctx.limits.take("deliveries", target.id) : await chargeStranger(ctx);
  if (isOverdrawn(rate)) return { refusal: "too_many", rate };
  if (!signed) return { refusal: "bad_signature", rate };
  return { ...read(provider, headers, body), rate };
}

/** What a signed body holds. */
function read(
  provider: IntakeProvider,
  headers: Headers,
  body: Uint8Array,
): Omit<Checked, "rate"> | Omit<Refused, "rate"> {
  const identity = provider.identify(headers);
  if ("missing" in identity) return { refusal: "missing_header", detail: identity.missing };
  const format = bodyFormat(headers["content-type"]);
  if (format === null || (headers["content-encoding"] ?? "identity") !== "identity")
    return { refusal: "unsupported_media_type" };
  const payload = parsePayload(format, body);
  if (payload === null) return { refusal: "malformed_body" };
  return { body, ...identity, action: actionOf(payload) };
}

const MAX_ACTION = 100;

function actionOf(payload: { readonly [key: string]: Json }): string | null {
  const { action } = payload;
  return typeof action === "string" ? action.replaceAll("\0", "").slice(0, MAX_ACTION).toWellFormed() : null;
}

function keep(headers: Headers, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (headers[name] ? [[name, headers[name]]] : [])));
}

async function store(
  ctx: Context,
  provider: IntakeProvider,
  target: Target,
  headers: Headers,
  { body, deliveryId, event, action }: Checked,
): Promise<ReceiveOutcome> {
  const redactor = await redactorOf(ctx, target.projectId);
  const stored = withoutSecrets(body, headers["content-type"], redactor);
  return transact(ctx, async (tx) => {
    const id = tx.newId();
    const kept = JSON.stringify(redactor.json(keep(headers, provider.keptHeaders)));
    const hash = createHash("sha256").update(body).digest();
    // Of parallel copies one inserts; the others wait for its commit and then count as duplicates.
    const rows = await queryRaw<{ id: string; inserted: boolean }>(
      tx.db,
      sql`INSERT INTO webhook_delivery (id, integration_id, project_id, provider, delivery_id, event, action, headers,
            content_type, body_bytes, body_hash, received_at)
          VALUES (${id}::uuid, ${target.id}::uuid, ${target.projectId}::uuid, ${provider.name}, ${deliveryId}, ${event},
            ${action}, ${kept}::jsonb, ${headers["content-type"] ?? ""}, ${body.byteLength}, ${hash},
            ${tx.clock.now()}::timestamptz)
          ON CONFLICT (integration_id, delivery_id) DO UPDATE SET duplicates = webhook_delivery.duplicates + 1
          RETURNING id, (xmax = 0) AS inserted`,
    );
    const [row] = rows;
    if (!row) throw new Error("the delivery was not stored");
    const publicId = encodeId("WebhookDelivery", row.id);
    await auditReceipt(tx, target, { id: row.id, event, duplicate: !row.inserted });
    if (!row.inserted) return { outcome: "duplicate", id: publicId };
    await executeRaw(
      tx.db,
      sql`INSERT INTO webhook_delivery_payload (delivery_id, body) VALUES (${row.id}::uuid, ${Buffer.from(stored)})`,
    );
    await enqueueProcessing(tx, row.id);
    return { outcome: "accepted", id: publicId };
  });
}

async function auditReceipt(
  tx: Context,
  target: Target,
  { id, ...details }: { readonly id: string; readonly event: string; readonly duplicate: boolean },
): Promise<void> {
  const actor = { type: "integration", integrationId: target.id } as const;
  await audit(tx, tx, actor, {
    action: "delivery.receive",
    projectId: target.projectId,
    target: { type: "WebhookDelivery", id },
    details,
  });
}
