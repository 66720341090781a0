import { ConflictError } from "@shiplog/core";
import { createApiKey, createUser, revokeApiKey } from "@shiplog/core/account";
import { uuidOf } from "../shared/ids.ts";
import { mutation } from "../shared/mutation.ts";
import { visibleExactly } from "../shared/visible.ts";
import { ApiKey, User } from "./type.ts";

mutation("createApiKey", {
  description: "Makes a key of a project. For maintainers. The secret is in this answer only.",
  input: (t) => ({
    name: t.string({ required: true, description: "What it is for; 1 to 100 characters." }),
    projectId: t.id({ required: true, description: "The project it acts in." }),
    scopes: t.stringList({
      required: true,
      description:
        "At least one of project:read, activity:read, activity:write, agent:read, agent:write, pipeline:read, pipeline:write, metrics:read.",
    }),
    expiresAt: t.field({ type: "DateTime", description: "When it stops working by itself; null = never." }),
  }),
  resolve: async (ctx, actor, { projectId, ...input }) => {
    const id = uuidOf("Project", projectId);
    const { apiKey, secret } = await createApiKey(ctx, actor, { ...input, projectId: id });
    return { id: apiKey.id, secret };
  },
  payload: (t) => ({
    apiKey: t.loadable({
      type: ApiKey,
      description: "The new key.",
      ...visibleExactly("ApiKey"),
      resolve: (payload) => payload.id,
    }),
    secret: t.exposeString("secret", {
      description: "The whole key, for `Authorization: Bearer`; not stored.",
    }),
  }),
});

mutation("revokeApiKey", {
  description: "Ends a key at once and for good; its open streams end within a second. For maintainers.",
  never: ["InvalidInputError"],
  input: (t) => ({ id: t.id({ required: true, description: "The key." }) }),
  resolve: async (ctx, actor, { id }) => ({
    id: (await revokeApiKey(ctx, actor, { id: uuidOf("ApiKey", id) })).id,
  }),
  payload: (t) => ({
    apiKey: t.loadable({
      type: ApiKey,
      description: "The key, revoked.",
      ...visibleExactly("ApiKey"),
      resolve: (payload) => payload.id,
    }),
  }),
});

mutation("createUser", {
  description: "Creates a person who can sign in with a password. For administrators.",
  errors: [ConflictError],
  never: ["NotFoundError"],
  input: (t) => ({
    email: t.string({ required: true, description: "To sign in with; case does not matter." }),
    name: t.string({ required: true, description: "What the person is called." }),
    password: t.string({ required: true, description: "At least 8 characters." }),
    isAdmin: t.boolean({ description: "An administrator of this installation; false when not said." }),
  }),
  resolve: async (ctx, actor, { isAdmin, ...input }) => ({
    id: (await createUser(ctx, actor, { ...input, isAdmin: isAdmin ?? false })).id,
  }),
  payload: (t) => ({
    user: t.loadable({
      type: User,
      description: "The new person.",
      ...visibleExactly("User"),
      resolve: (payload) => payload.id,
    }),
  }),
});
