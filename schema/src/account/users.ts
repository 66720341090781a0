import { ConflictError, cleanText } from "@shiplog/core";
import { authorizeInstance, updateUser } from "@shiplog/core/account";
import { builder } from "../builder.ts";
import { actorOf } from "../shared/access.ts";
import { pageComplexity } from "../shared/complexity.ts";
import { uuidOf } from "../shared/ids.ts";
import { visiblePage } from "../shared/keyset.ts";
import { mutation } from "../shared/mutation.ts";
import { visible, visibleExactly } from "../shared/visible.ts";
import { User } from "./type.ts";

builder.queryField("users", (t) =>
  t.connection(
    {
      type: User,
      description:
        "Everybody who has an account here, the newest first; FORBIDDEN for who is no administrator. One statement per page.",
      authScopes: { person: true },
      extensions: visible("User"),
      complexity: pageComplexity,
      args: {
        search: t.arg.string({
          description: "Part of the name or the e-mail address; case does not matter. Null = all.",
        }),
      },
      resolve: (_root, { search, ...page }, ctx, info) => {
        authorizeInstance(actorOf(ctx), "user.list");
        const like = { contains: cleanText(search ?? "").trim(), mode: "insensitive" } as const;
        return visiblePage(ctx, info, page, {
          model: "User",
          sort: "createdAt",
          where: like.contains ? { OR: [{ name: like }, { email: like }] } : {},
        }) as never;
      },
    },
    { name: "UserConnection", description: "A page of people." },
    { name: "UserEdge" },
  ),
);

mutation("updateUser", {
  description:
    "Closes an account or opens it again, makes its person an administrator or takes that away. Who is disabled loses his sessions, reset links and known browsers for good, and the use of his keys, stream tokens and open streams within a second; who is no administrator any more signs in anew. For administrators; ConflictError for one's own account.",
  errors: [ConflictError],
  input: (t) => ({
    id: t.id({ required: true, description: "The person." }),
    isAdmin: t.boolean({ description: "An administrator of this installation; as it is when not said." }),
    isDisabled: t.boolean({ description: "Whether he is kept out; as it is when not said." }),
  }),
  never: ["InvalidInputError"],
  resolve: async (ctx, actor, { id, ...input }) => ({
    id: (await updateUser(ctx, actor, { id: uuidOf("User", id), ...input })).id,
  }),
  payload: (t) => ({
    user: t.loadable({
      type: User,
      description: "The person as he is now.",
      ...visibleExactly("User"),
      resolve: ({ id }) => id,
    }),
  }),
});
