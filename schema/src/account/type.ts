import type { Context } from "@shiplog/core";
import { mayInstance, userVisibility } from "@shiplog/core/account";
import { builder } from "../builder.ts";
import type { GraphQLContext } from "../context.ts";
import { ID } from "../shared/node.ts";
import { OF_VIEWER } from "../shared/sharing.ts";

export const User = builder.prismaNode("User", {
  id: ID,
  select: { id: true },
  description: "A person who can sign in.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "What the person is called." }),
    email: t.loadable({
      type: "String",
      nullable: true,
      description:
        "Shown to the person, to people of the same projects and to administrators; null for everybody else, API keys included. One statement for all users of a list.",
      loaderOptions: { cache: false },
      extensions: OF_VIEWER,
      load: async (ids: string[], ctx) => {
        const emails = ctx.actor ? await emailsOf(ctx.core, ids, userVisibility(ctx.actor)) : new Map();
        return ids.map((id) => emails.get(id) ?? null);
      },
      resolve: (user) => user.id,
    }),
    isAdmin: t.boolean({
      nullable: true,
      description: "An administrator of this installation; null for who is none and asks.",
      extensions: OF_VIEWER,
      select: { isAdmin: true },
      resolve: ({ isAdmin }, _args, ctx) => (seesAccounts(ctx) ? isAdmin : null),
    }),
    disabledAt: t.field({
      type: "DateTime",
      nullable: true,
      description:
        "Since when he may not come in; null while he may, and for who is no administrator and asks.",
      extensions: OF_VIEWER,
      select: { disabledAt: true },
      resolve: ({ disabledAt }, _args, ctx) => (seesAccounts(ctx) ? disabledAt : null),
    }),
    createdAt: t.field({
      type: "DateTime",
      nullable: true,
      description: "When the account was made; null for who is no administrator and asks.",
      extensions: OF_VIEWER,
      select: { createdAt: true },
      resolve: ({ createdAt }, _args, ctx) => (seesAccounts(ctx) ? createdAt : null),
    }),
  }),
});

function seesAccounts({ actor }: GraphQLContext): boolean {
  return actor !== null && mayInstance(actor, "user.list");
}

async function emailsOf(ctx: Context, ids: readonly string[], visible: object): Promise<Map<string, string>> {
  const where = { AND: [{ id: { in: [...ids] } }, visible] };
  const users = await ctx.db.user.findMany({ where, select: { id: true, email: true } });
  return new Map(users.map((user) => [user.id, user.email]));
}

export const ApiKey = builder.prismaNode("ApiKey", {
  id: ID,
  select: { id: true },
  description:
    "A key of an integrator or an external agent, within its scopes: of one project, or of a person and then with his role in each of his projects.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "What it is for, in the words of whoever made it." }),
    prefix: t.exposeString("prefix", {
      description: "Its first characters, to recognise it by; the rest was shown once and is not stored.",
    }),
    scopes: t.exposeStringList("scopes", {
      description: "What it may do, e.g. agent:write; write includes read of the same resource.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was made." }),
    expiresAt: t.expose("expiresAt", {
      type: "DateTime",
      nullable: true,
      description: "When it stops working by itself; null = never.",
    }),
    lastUsedAt: t.expose("lastUsedAt", {
      type: "DateTime",
      nullable: true,
      description: "About when it was last used (to the minute); null = not yet.",
    }),
    revokedAt: t.expose("revokedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it was revoked; null while it works.",
    }),
    createdBy: t.relation("createdBy", {
      nullable: true,
      description: "Who made it; null when that person's account is gone.",
    }),
    isPersonal: t.boolean({
      description: "It is of a person and acts in all his projects; false for a project's key.",
      select: { userId: true },
      resolve: ({ userId }) => userId !== null,
    }),
    replacedBy: t.relation("replacedBy", {
      nullable: true,
      description:
        "The key that a rotation put in its place; both work until this one expires. Null if none.",
    }),
  }),
});
