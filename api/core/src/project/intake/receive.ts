import { createHash } from "node:crypto";
import { executeRaw, queryRaw, sql } from "@shiplog/db";
import type { Context } from "../../context.ts";
import { decodeIdAs, encodeId } from "../../ids.ts";
import type { Json } from "../../ports.ts";
import { transact } from "../../transaction.ts";
import { bodyFormat, parsePayload } from "./body.ts";
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
  | "malformed_body";

/** What became of a request; `id` is the delivery's public id. */
export type ReceiveOutcome =
  | { readonly outcome: "accepted" | "duplicate"; readonly id: string }
  | { readonly outcome: Refusal; readonly detail?: string };

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
  if (!target) return { outcome: "unknown_integration" };
  if (target.status === "disabled") return { outcome: "disabled" };
  const checked = await check(ctx, provider, target, input);
  if (!("refusal" in checked)) return store(ctx, provider, target, input.headers, checked);
  await noteRefusal(ctx, target.id, checked.refusal, checked.detail);
  return { outcome: checked.refusal, ...(checked.detail && { detail: checked.detail }) };
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
}
interface Refused {
  readonly refusal: Refusal;
  readonly detail?: string;
}

async function check(
  ctx: Context,
  provider: IntakeProvider,
  target: Target,
  { headers, readBody }: ReceiveInput,
): Promise<Checked | Refused> {
  if (Number(headers["content-length"] ?? 0) > provider.maxBodyBytes) return { refusal: "too_large" };
  if (!provider.hasSignature(headers)) return { refusal: "missing_signature" };
  const body = await readBody(provider.maxBodyBytes);
  if (body === null) return { refusal: "too_large" };
  const secret = ctx.secrets.open(target.secretSealed, secretBinding(target.id)).toString();
  if (!provider.verify(secret, headers, body)) return { refusal: "bad_signature" };

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
  return transact(ctx, async (tx) => {
    const id = tx.newId();
    const kept = JSON.stringify(keep(headers, provider.keptHeaders));
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
    if (!row.inserted) return { outcome: "duplicate", id: publicId };
    await executeRaw(
      tx.db,
      sql`INSERT INTO webhook_delivery_payload (delivery_id, body) VALUES (${row.id}::uuid, ${Buffer.from(body)})`,
    );
    await enqueueProcessing(tx, row.id);
    return { outcome: "accepted", id: publicId };
  });
}
