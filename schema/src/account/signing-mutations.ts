import { rotateSigningKey } from "@shiplog/core/account";
import { mutation } from "../shared/mutation.ts";

mutation("rotateSigningKey", {
  description:
    "A new key signs access tokens from now on; nobody is signed out. It also happens by itself every 30 days. For administrators.",
  never: ["InvalidInputError", "NotFoundError"],
  input: (t) => ({
    immediately: t.boolean({
      description:
        "The old keys leaked: their tokens are refused from now on, and every client renews its own; false when not said.",
    }),
  }),
  resolve: (ctx, actor, { immediately }) =>
    rotateSigningKey(ctx, actor, { immediately: immediately ?? false }),
  payload: (t) => ({
    keyId: t.exposeString("id", { description: "The new key's name, `kid` in the header of tokens." }),
    previousUntil: t.expose("previousUntil", {
      type: "DateTime",
      description: "Until when tokens of the keys before it are good, if they do not end earlier.",
    }),
  }),
});
