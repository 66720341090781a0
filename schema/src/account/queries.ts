import type { Actor } from "@shiplog/core";
import {
  hasScope,
  PERMISSIONS,
  type Permission,
  roleAllows,
  roleOf,
  type Scope,
} from "@shiplog/core/account";
import { builder } from "../builder.ts";
import type { GraphQLContext } from "../context.ts";
import { Project } from "../project/type.ts";
import { actorOf } from "../shared/access.ts";
import { uuidOrNull } from "../shared/ids.ts";
import { readVisible, selectionOf, visible, visibleOne } from "../shared/visible.ts";
import { ApiKey, User } from "./type.ts";

const ALL = Object.keys(PERMISSIONS) as Permission[];

async function powersOf(ctx: GraphQLContext, actor: Actor, projectId: string): Promise<Permission[]> {
  switch (actor.type) {
    case "system":
      return ALL;
    case "user": {
      const role = await roleOf(ctx.core, actor.userId, projectId);
      return role ? ALL.filter((permission) => roleAllows(role, permission)) : [];
    }
    case "key":
      return actor.projectId === projectId
        ? ALL.filter((permission) => keyHas(actor.scopes, permission))
        : [];
  }
}

function keyHas(scopes: readonly string[], permission: Permission): boolean {
  const scope: Scope | "any" | null = PERMISSIONS[permission].scope;
  return scope === "any" || (scope !== null && hasScope(scopes, scope));
}

const Viewer = builder.objectRef<Actor>("Viewer").implement({
  description: "Whoever is asking: a person or an API key.",
  fields: (t) => ({
    user: t.loadable({
      type: User,
      nullable: true,
      description: "The person; null for an API key.",
      ...visibleOne("User"),
      resolve: (actor) => (actor.type === "user" ? actor.userId : null),
    }),
    apiKey: t.loadable({
      type: ApiKey,
      nullable: true,
      description: "The API key itself; null for a person.",
      ...visibleOne("ApiKey"),
      resolve: (actor) => (actor.type === "key" ? actor.keyId : null),
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
    projects: t.field({
      type: [Project],
      description: "The viewer's projects, newest first, at most 100; a key's one project.",
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
