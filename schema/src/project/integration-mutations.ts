import { encodeId } from "@shiplog/core";
import { createIntegration, deleteIntegration, reprocessDelivery } from "@shiplog/core/project";
import { IntegrationProvider } from "../shared/enums.ts";
import { uuidOf } from "../shared/ids.ts";
import { mutation } from "../shared/mutation.ts";
import { visibleExactly } from "../shared/visible.ts";
import { Integration, WebhookDelivery } from "./integration.ts";

mutation("createIntegration", {
  description: "Makes a webhook URL with its secret. For maintainers. The secret is in this answer only.",
  input: (t) => ({
    projectId: t.id({ required: true, description: "The project." }),
    provider: t.field({ type: IntegrationProvider, required: true, description: "Who will send." }),
    name: t.string({ description: "What to call it, at most 120 characters; null = the provider's name." }),
  }),
  resolve: async (ctx, actor, { projectId, ...input }) => {
    const made = await createIntegration(ctx, actor, { ...input, projectId: uuidOf("Project", projectId) });
    return { id: made.integration.id, secret: made.secret };
  },
  payload: (t) => ({
    integration: t.loadable({
      type: Integration,
      description: "The new integration.",
      ...visibleExactly("Integration"),
      resolve: (payload) => payload.id,
    }),
    secret: t.exposeString("secret", {
      description: "For the provider's form; deliveries are signed with it.",
    }),
  }),
});

mutation("deleteIntegration", {
  description: "Deletes an integration with its deliveries; what came of them stays. For maintainers.",
  never: ["InvalidInputError"],
  input: (t) => ({ id: t.id({ required: true, description: "The integration." }) }),
  resolve: async (ctx, actor, { id }) => ({
    id: await deleteIntegration(ctx, actor, { id: uuidOf("Integration", id) }),
  }),
  payload: (t) => ({
    deletedId: t.id({ description: "The id it had.", resolve: ({ id }) => encodeId("Integration", id) }),
  }),
});

mutation("reprocessDelivery", {
  description:
    "Has a stored delivery processed again by the worker; harmless, as deliveries fold. For maintainers.",
  never: ["InvalidInputError"],
  input: (t) => ({ id: t.id({ required: true, description: "The delivery." }) }),
  resolve: async (ctx, actor, { id }) => ({
    id: (await reprocessDelivery(ctx, actor, { id: uuidOf("WebhookDelivery", id) })).id,
  }),
  payload: (t) => ({
    delivery: t.loadable({
      type: WebhookDelivery,
      description: "The delivery, waiting.",
      ...visibleExactly("WebhookDelivery"),
      resolve: (payload) => payload.id,
    }),
  }),
});
