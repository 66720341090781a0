import { ConflictError } from "@shiplog/core";
import { createApiKey, revokeApiKey, rotateApiKey, SCOPES } from "@shiplog/core/account";
import { uuidOf } from "../shared/ids.ts";
import { mutation, type Payload } from "../shared/mutation.ts";
import { visibleExactly } from "../shared/visible.ts";
import { ApiKey } from "./type.ts";

function keyField(t: Payload<{ id: string }>, description: string) {
  return t.loadable({
    type: ApiKey,
    description,
    ...visibleExactly("ApiKey"),
    resolve: (payload) => payload.id,
  });
}

const SECRET = "The whole key, for `Authorization: Bearer`; not stored.";

mutation("createApiKey", {
  description:
    "Makes a key: of a project, for its maintainers, or of the caller himself. The secret is in this answer only.",
  input: (t) => ({
    name: t.string({ required: true, description: "What it is for; 1 to 100 characters." }),
    projectId: t.id({
      description:
        "The project it acts in; null: a key of the caller's own, which has his role in all his projects and ends with his account.",
    }),
    scopes: t.stringList({
      required: true,
      description: `At least one of ${SCOPES.join(", ")}; write includes read of the same resource.`,
    }),
    expiresAt: t.field({ type: "DateTime", description: "When it stops working by itself; null = never." }),
  }),
  resolve: async (ctx, actor, { projectId, ...input }) => {
    const id = projectId == null ? null : uuidOf("Project", projectId);
    const { apiKey, secret } = await createApiKey(ctx, actor, { ...input, projectId: id });
    return { id: apiKey.id, secret };
  },
  payload: (t) => ({
    apiKey: keyField(t, "The new key."),
    secret: t.exposeString("secret", { description: SECRET }),
  }),
});

mutation("rotateApiKey", {
  description:
    "Makes the successor of a key, of the same name, owner and scopes; the old key lives on for the grace, so that its users can be changed over. For maintainers, and the owner of a personal key. ConflictError when the key has ended or was replaced, or two keys of its line work already. The secret is in this answer only.",
  errors: [ConflictError],
  input: (t) => ({
    id: t.id({ required: true, description: "The key to replace." }),
    graceSeconds: t.int({
      description:
        "How long the old key lives on; 0 to 2592000 (30 days), a day when not said. 0 ends it at once.",
    }),
    expiresAt: t.field({
      type: "DateTime",
      description:
        "When the new key stops working; null = never. When not said it lives as long as the old one was made to.",
    }),
  }),
  resolve: async (ctx, actor, { id, ...input }) => {
    const made = await rotateApiKey(ctx, actor, { id: uuidOf("ApiKey", id), ...input });
    return { id: made.apiKey.id, secret: made.secret, replacedId: made.replaced.id };
  },
  payload: (t) => ({
    apiKey: keyField(t, "The new key."),
    secret: t.exposeString("secret", { description: SECRET }),
    replaced: t.loadable({
      type: ApiKey,
      description: "The old key, with the time it ends.",
      ...visibleExactly("ApiKey"),
      resolve: (payload) => payload.replacedId,
    }),
  }),
});

mutation("revokeApiKey", {
  description:
    "Ends a key at once and for good; its open streams end within a second. For maintainers, and the owner of a personal key.",
  never: ["InvalidInputError"],
  input: (t) => ({ id: t.id({ required: true, description: "The key." }) }),
  resolve: async (ctx, actor, { id }) => ({
    id: (await revokeApiKey(ctx, actor, { id: uuidOf("ApiKey", id) })).id,
  }),
  payload: (t) => ({ apiKey: keyField(t, "The key, revoked.") }),
});
