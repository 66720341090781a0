import { ConflictError } from "@shiplog/core";
import { assertPerson, createUser, updateProfile } from "@shiplog/core/account";
import { mutation } from "../shared/mutation.ts";
import { visibleExactly } from "../shared/visible.ts";
import { User } from "./type.ts";

mutation("updateProfile", {
  description: "Changes what the caller is called; members of his projects see it from then on. For people.",
  never: ["NotFoundError"],
  input: (t) => ({
    name: t.string({ required: true, description: "What he is called; 1 to 200 characters." }),
  }),
  resolve: async (ctx, actor, input) => ({ id: (await updateProfile(ctx, assertPerson(actor), input)).id }),
  payload: (t) => ({
    user: t.loadable({
      type: User,
      description: "The caller, as he is called now.",
      ...visibleExactly("User"),
      resolve: ({ id }) => id,
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
  resolve: async (ctx, actor, input) => ({
    id: (await createUser(ctx, actor, { ...input, isAdmin: input.isAdmin ?? false })).id,
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
