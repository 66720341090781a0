import type { Context } from "@shiplog/core";
import { userVisibility } from "@shiplog/core/account";
import { builder } from "../builder.ts";
import { ID } from "../shared/node.ts";

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
      load: async (ids: string[], ctx) => {
        const emails = ctx.actor ? await emailsOf(ctx.core, ids, userVisibility(ctx.actor)) : new Map();
        return ids.map((id) => emails.get(id) ?? null);
      },
      resolve: (user) => user.id,
    }),
  }),
});

async function emailsOf(ctx: Context, ids: readonly string[], visible: object): Promise<Map<string, string>> {
  const where = { AND: [{ id: { in: [...ids] } }, visible] };
  const users = await ctx.db.user.findMany({ where, select: { id: true, email: true } });
  return new Map(users.map((user) => [user.id, user.email]));
}

export const ApiKey = builder.prismaNode("ApiKey", {
  id: ID,
  select: { id: true },
  description: "A key of an integrator or an external agent; it acts in one project, within its scopes.",
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
  }),
});
