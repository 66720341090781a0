import type { Actor, Context } from "@shiplog/core";
import {
  decideByRole,
  listIdentities,
  listSessions,
  PERMISSIONS,
  type Permission,
  roleOf,
} from "@shiplog/core/account";
import { builder } from "../builder.ts";
import type { GraphQLContext } from "../context.ts";
import { Project } from "../project/type.ts";
import { actorOf } from "../shared/access.ts";
import { uuidOrNull } from "../shared/ids.ts";
import { readVisible, selectionOf, visible, visibleMany, visibleOne } from "../shared/visible.ts";
import { LinkedIdentity } from "./identity.ts";
import { Session, shown } from "./session.ts";
import { ApiKey, User } from "./type.ts";

const ALL = Object.keys(PERMISSIONS) as Permission[];

async function powersOf(ctx: GraphQLContext, actor: Actor, projectId: string): Promise<Permission[]> {
  switch (actor.type) {
    case "system":
      return ALL;
    case "user":
    case "key": {
      const role = actor.userId === null ? null : await roleOf(ctx.core, actor.userId, projectId);
      return ALL.filter((permission) => decideByRole(actor, projectId, permission, role) === "allowed");
    }
    case "scope":
      return actor.projectId === projectId
        ? ALL.filter((permission) => actor.permissions.has(permission))
        : [];
    case "token":
      return [];
  }
}

async function ownKeys(ctx: Context, [userId = ""]: readonly string[]) {
  const where = { userId };
  const keys = userId
    ? await ctx.db.apiKey.findMany({ where, select: { id: true }, orderBy: { createdAt: "desc" }, take: 100 })
    : [];
  return new Map([[userId, keys.map((key) => key.id)]]);
}

const Viewer = builder.objectRef<Actor>("Viewer").implement({
  description: "Whoever is asking: a person or an API key. Everything is null or empty for a stream token.",
  fields: (t) => ({
    user: t.loadable({
      type: User,
      nullable: true,
      description: "The person, also behind a key of his own; null for a project's key.",
      ...visibleOne("User"),
      resolve: (actor) => (actor.type === "user" || actor.type === "key" ? actor.userId : null),
    }),
    apiKey: t.loadable({
      type: ApiKey,
      nullable: true,
      description: "The API key itself; null for a person.",
      ...visibleOne("ApiKey"),
      resolve: (actor) => (actor.type === "key" ? actor.keyId : null),
    }),
    sessions: t.field({
      type: [Session],
      nullable: true,
      description:
        "The person's sessions that live, the last used first, at most 100; null for an API key. One statement.",
      complexity: { field: 1, multiplier: 10 },
      resolve: async (actor, _args, ctx) =>
        actor.type === "user" ? (await listSessions(ctx.core, actor)).map((row) => shown(actor, row)) : null,
    }),
    isAdmin: t.boolean({
      description:
        "An administrator of this installation: users, settings, workspaces; no project content by that.",
      resolve: (actor) => actor.type === "user" && actor.isAdmin,
    }),
    powers: t.stringList({
      description:
        "What the viewer may do in a project, e.g. agent.write, for showing or hiding controls; empty when the project is missing or foreign. One statement.",
      args: { projectId: t.arg.id({ required: true, description: "The project." }) },
      resolve: (actor, args, ctx) => {
        const id = uuidOrNull("Project", args.projectId);
        return id ? powersOf(ctx, actor, id) : [];
      },
    }),
    apiKeys: t.loadableList({
      type: ApiKey,
      description:
        "The person's own keys, newest first, revoked ones included, at most 100; for a key empty. Two statements.",
      ...visibleMany("ApiKey", ownKeys),
      resolve: (actor) => (actor.type === "user" ? actor.userId : ""),
    }),
    identities: t.field({
      type: [LinkedIdentity],
      description:
        "Accounts at other providers that the person can sign in with; for a key empty. One statement.",
      complexity: { field: 1, multiplier: 5 },
      resolve: (actor, _args, ctx) => listIdentities(ctx.core, actor),
    }),
    projects: t.field({
      type: [Project],
      description: "The viewer's projects, newest first, at most 100; for a project's key that one.",
      extensions: visible("Project"),
      complexity: { field: 1, multiplier: 20 },
      resolve: async (_actor, _args, ctx, info) =>
        readVisible<{ id: string }>(ctx, "Project", {
          where: {},
          orderBy: [{ createdAt: "desc" }, { id: "desc" }],
          take: 100,
          query: selectionOf(ctx, info),
        }),
    }),
  }),
});

builder.queryField("viewer", (t) =>
  t.field({
    type: Viewer,
    nullable: true,
    description: "Whoever is asking; null when nobody is signed in.",
    authScopes: { public: true },
    resolve: (_root, _args, ctx) => (ctx.actor ? actorOf(ctx) : null),
  }),
);
