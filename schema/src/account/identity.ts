import { ConflictError, encodeId } from "@shiplog/core";
import { type listIdentities, unlinkIdentity } from "@shiplog/core/account";
import { builder } from "../builder.ts";
import { uuidOf } from "../shared/ids.ts";
import { mutation } from "../shared/mutation.ts";

type Identity = Awaited<ReturnType<typeof listIdentities>>[number];

/** No node: only its owner sees it, through `viewer`. */
export const LinkedIdentity = builder.objectRef<Identity>("LinkedIdentity").implement({
  description: "An account at another provider that the viewer can sign in with.",
  fields: (t) => ({
    id: t.id({
      description: "Names the link.",
      resolve: (identity) => encodeId("UserIdentity", identity.id),
    }),
    provider: t.exposeString("provider", { description: "oidc or github." }),
    issuer: t.exposeString("issuer", {
      description: "The provider's own name: its OpenID issuer, or GitHub's address.",
    }),
    label: t.exposeString("label", { description: "The login or e-mail there when it was last used." }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was linked." }),
    lastUsedAt: t.expose("lastUsedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it was last used to sign in; null = not yet.",
    }),
  }),
});

mutation("unlinkIdentity", {
  description:
    "Takes one of the caller's own links away: that account signs nobody in any more. Running sessions stay. ConflictError when it is the only way to sign in.",
  errors: [ConflictError],
  never: ["InvalidInputError"],
  input: (t) => ({ id: t.id({ required: true, description: "The link, from `viewer.identities`." }) }),
  resolve: async (ctx, actor, { id }) => {
    await unlinkIdentity(ctx, actor, { id: uuidOf("UserIdentity", id) });
    return { removedId: id };
  },
  payload: (t) => ({ removedId: t.exposeID("removedId", { description: "The link that is gone." }) }),
});
