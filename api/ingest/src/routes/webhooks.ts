import { z } from "@hono/zod-openapi";
import { rateHeaders } from "@shiplog/core";
import { type Refusal, receiveDelivery, refusalText } from "@shiplog/core/project";
import type { RestApp, RestContext } from "../http/env.ts";
import { envelope, failed, ok } from "../http/envelope.ts";
import { defineRoute } from "../http/route.ts";
import { providers } from "../providers/index.ts";
import { readCapped } from "./webhooks.body.ts";

const received = z
  .object({
    id: z.string().openapi({ description: "The delivery.", example: "dlv_01kaq3v8x2d5w0y9b7c4e6f1g3" }),
    duplicate: z.boolean().openapi({ description: "The delivery's id was known; nothing was done." }),
  })
  .openapi("ReceivedDelivery");

const STATUS = {
  unknown_integration: 404,
  disabled: 403,
  missing_signature: 401,
  bad_signature: 401,
  too_large: 413,
  unsupported_media_type: 415,
  missing_header: 400,
  malformed_body: 400,
  too_many: 429,
} as const satisfies Record<Refusal, number>;

const content = { "application/json": { schema: envelope(received) } };

const webhook = defineRoute(
  { access: "signature", errors: [400, 401, 403, 404, 413, 415, 429] },
  {
    method: "post",
    path: "/api/v1/webhooks/{provider}/{integrationId}",
    operationId: "receiveWebhook",
    tags: ["webhooks"],
    summary: "Take a delivery",
    description:
      "Where GitHub posts to; the URL and the secret come from `createIntegration`. Headers: `X-Hub-Signature-256` " +
      "(HMAC-SHA256 of the raw body), `X-GitHub-Event`, `X-GitHub-Delivery`. The body is at most 25 MB of JSON, or a " +
      "form with the field `payload`. A delivery is stored before the answer and processed afterwards; one id is " +
      "processed once, however often it comes.",
    request: {
      params: z.object({
        provider: z.string().openapi({ example: "github" }),
        integrationId: z.string().openapi({ example: "int_01kaq3v8x2d5w0y9b7c4e6f1g3" }),
      }),
    },
    // Not under `request`: that would read and parse the body before its size and signature are checked.
    requestBody: {
      required: true,
      content: {
        "application/json": { schema: { type: "object" } },
        "application/x-www-form-urlencoded": {
          schema: { type: "object", properties: { payload: { type: "string" } }, required: ["payload"] },
        },
      },
    },
    responses: {
      200: { description: "Known already; nothing was done.", content },
      202: { description: "Stored; processing follows.", content },
    },
  },
);

/** Adds the webhook route. */
export function registerWebhooks(app: RestApp): void {
  app.openapi(webhook, async (c) => {
    const { provider: name, integrationId } = c.req.valid("param");
    const provider = providers.get(name);
    if (!provider) return refuse(c, "unknown_integration");
    const result = await receiveDelivery(c.var.ctx, provider, {
      integrationId,
      headers: c.req.header(),
      readBody: (limit) => readCapped(c.req.raw.body, limit),
    });
    if (result.rate)
      for (const [header, value] of Object.entries(rateHeaders(result.rate))) c.header(header, value);
    switch (result.outcome) {
      case "accepted":
        return c.json(ok(c, { id: result.id, duplicate: false }), 202);
      case "duplicate":
        return c.json(ok(c, { id: result.id, duplicate: true }), 200);
      default:
        return refuse(c, result.outcome, result.detail);
    }
  });
}

function refuse(c: RestContext, refusal: Refusal, detail?: string) {
  // The rest of the body is not read, so no other request can follow on this connection.
  if (refusal === "too_large") c.header("connection", "close");
  const entry = { code: refusal.toUpperCase(), message: refusalText(refusal, detail) };
  // Error answers are declared by defineRoute, which a handler's type does not see.
  return c.json(failed(c, [entry]), STATUS[refusal]) as never;
}
