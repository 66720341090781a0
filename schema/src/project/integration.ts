import {
  type DeliveryCounts as Counts,
  deliveryCounts,
  deliveryPayload,
  webhookUrl,
} from "@shiplog/core/project";
import { builder } from "../builder.ts";
import { actorOf } from "../shared/access.ts";
import { heavy } from "../shared/complexity.ts";
import { DeliveryOutcome, IntegrationProvider, IntegrationStatus } from "../shared/enums.ts";
import { ID } from "../shared/node.ts";

const DeliveryCounts = builder.objectRef<Counts>("DeliveryCounts").implement({
  description: "Deliveries by what became of them.",
  fields: (t) => ({
    received: t.exposeInt("received", { description: "Waiting for the worker." }),
    processed: t.exposeInt("processed", { description: "Folded into the state." }),
    ignored: t.exposeInt("ignored", { description: "Stored, not modelled." }),
    failed: t.exposeInt("failed", { description: "Could not be processed." }),
  }),
});

export const Integration = builder.prismaNode("Integration", {
  id: ID,
  select: { id: true },
  description: "A source of webhook deliveries, of any number of repositories. For maintainers.",
  fields: (t) => ({
    provider: t.field({
      type: IntegrationProvider,
      description: "Who sends.",
      select: { provider: true },
      resolve: (row) => row.provider as "github",
    }),
    name: t.exposeString("name", { description: "What people call it." }),
    status: t.expose("status", { type: IntegrationStatus, description: "How its deliveries fare." }),
    webhookUrl: t.string({
      description: "Where the provider must post to; signed with the secret that was shown at creation.",
      select: { provider: true },
      resolve: (row, _args, { core }) => webhookUrl(core.settings, row),
    }),
    lastDeliveryAt: t.expose("lastDeliveryAt", {
      type: "DateTime",
      nullable: true,
      description: "When the last delivery with a right signature came; null before the first.",
    }),
    lastError: t.exposeString("lastError", {
      nullable: true,
      description: "Why the last failing delivery failed; null while all is well.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was created." }),
    deliveries24h: t.loadable({
      type: DeliveryCounts,
      description: "The last 24 hours. One statement for all integrations of a list.",
      loaderOptions: { cache: false },
      load: (ids: string[], ctx) => deliveryCounts(ctx.core, ids),
      resolve: (row) => row.id,
    }),
  }),
});

export const WebhookDelivery = builder.prismaNode("WebhookDelivery", {
  id: ID,
  select: { id: true },
  description: "One delivery as it came in, for inspection. For maintainers.",
  fields: (t) => ({
    integration: t.relation("integration", { description: "Where it came in." }),
    deliveryId: t.exposeString("deliveryId", {
      description: "The provider's own id (X-GitHub-Delivery); a redelivery has the same one.",
    }),
    event: t.exposeString("event", { description: "The provider's event, e.g. workflow_run." }),
    action: t.exposeString("action", {
      nullable: true,
      description: "The event's action, e.g. completed; null when it has none.",
    }),
    outcome: t.expose("outcome", { type: DeliveryOutcome, description: "What became of it." }),
    error: t.exposeString("error", {
      nullable: true,
      description: "Why processing failed, or why it is ignored; null otherwise.",
    }),
    attempts: t.exposeInt("attempts", { description: "How often it was processed." }),
    duplicates: t.exposeInt("duplicates", { description: "Further arrivals of the same delivery id." }),
    headers: t.expose("headers", {
      type: "JSON",
      description: "Request headers without secrets and signatures.",
    }),
    contentType: t.exposeString("contentType", { description: "As the request named it." }),
    bodyBytes: t.exposeInt("bodyBytes", { description: "Size of the body." }),
    payload: t.field({
      type: "JSON",
      nullable: true,
      description:
        "The body as JSON (of a form, its `payload`); null when it is none, or after its retention. Up to 25 MB and a statement: ask for it one delivery at a time.",
      complexity: heavy(50),
      resolve: async ({ id }, _args, ctx) =>
        (await deliveryPayload(ctx.core, actorOf(ctx), { id }))?.payload ?? null,
    }),
    payloadText: t.string({
      nullable: true,
      description:
        "The same as text, also when it is not JSON; null when it is not UTF-8, or after its retention. Costs what `payload` does.",
      complexity: heavy(50),
      resolve: async ({ id }, _args, ctx) =>
        (await deliveryPayload(ctx.core, actorOf(ctx), { id }))?.text ?? null,
    }),
    receivedAt: t.expose("receivedAt", { type: "DateTime", description: "When it first came in." }),
    processedAt: t.expose("processedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it was last processed; null until then.",
    }),
    durationMs: t.exposeInt("durationMs", {
      nullable: true,
      description: "How long processing took; null until then.",
    }),
  }),
});
