import { cleanText } from "@shiplog/core";
import { listWorkspaces, type Workspace as WorkspaceRow } from "@shiplog/core/project";
import { builder } from "../builder.ts";
import { pageComplexity } from "../shared/complexity.ts";
import { DeliveryOutcome, ProjectStatus } from "../shared/enums.ts";
import { uuidOrNull } from "../shared/ids.ts";
import { visiblePage } from "../shared/keyset.ts";
import { projectPage } from "../shared/page.ts";
import { planned, readVisible, selectionOf, visible, visibleMany } from "../shared/visible.ts";
import { WebhookDelivery } from "./integration.ts";
import { Project } from "./type.ts";

const Workspace = builder.objectRef<WorkspaceRow>("Workspace").implement({
  description: "A folder of the server that agent runs may read.",
  fields: (t) => ({
    path: t.exposeString("path", { description: "Absolute path on the server." }),
    linkedProjects: t.loadableList({
      type: Project,
      description:
        "Projects whose members may name it; only those the administrator is a member of are shown.",
      ...visibleMany(
        "Project",
        async (_ctx, keys) => new Map(keys.map((key) => [key, key.split(",").filter(Boolean)])),
      ),
      resolve: planned((workspace) => workspace.projectIds.join(",")),
    }),
  }),
});

builder.queryFields((t) => ({
  project: t.field({
    type: Project,
    nullable: true,
    description: "A project by id or slug; null when it is missing or foreign, or when neither is given.",
    authScopes: { can: "project.read" },
    extensions: visible("Project"),
    args: {
      id: t.arg.id({ description: "Its id." }),
      slug: t.arg.string({ description: "Its slug; looked at when no id is given." }),
    },
    resolve: async (_root, { id, slug }, ctx, info) => {
      const uuid = uuidOrNull("Project", id);
      const where = uuid ? { id: uuid } : id ? null : slug ? { slug: cleanText(slug) } : null;
      if (!where) return null;
      const rows = await readVisible<{ id: string }>(ctx, "Project", {
        where,
        query: selectionOf(ctx, info),
      });
      return rows[0] ?? null;
    },
  }),
  projects: t.connection(
    {
      type: Project,
      description: "The viewer's projects. One statement per page, plus one per relation.",
      authScopes: { can: "project.read" },
      extensions: visible("Project"),
      complexity: pageComplexity,
      args: { status: t.arg({ type: ProjectStatus, description: "Only these; null = all." }) },
      resolve: (_root, args, ctx, info) =>
        visiblePage(ctx, info, args, {
          model: "Project",
          sort: "createdAt",
          where: args.status ? { status: args.status } : {},
        }),
    },
    { name: "ProjectConnection", description: "A page of projects." },
    { name: "ProjectEdge" },
  ),
  webhookDeliveries: t.connection(
    {
      type: WebhookDelivery,
      nullable: true,
      description: "A project's deliveries. For maintainers; null when the project is missing or foreign.",
      authScopes: { can: "delivery.read" },
      extensions: visible("WebhookDelivery"),
      complexity: pageComplexity,
      args: {
        projectId: t.arg.id({ required: true, description: "The project." }),
        integrationId: t.arg.id({ description: "Only of this integration." }),
        outcome: t.arg({ type: [DeliveryOutcome], description: "Only with one of these outcomes." }),
      },
      resolve: (_root, args, ctx, info) =>
        projectPage(ctx, info, args, {
          model: "WebhookDelivery",
          sort: "receivedAt",
          permission: "delivery.read",
          where: {
            ...(args.integrationId && {
              integrationId: uuidOrNull("Integration", args.integrationId) ?? { in: [] },
            }),
            ...(args.outcome && { outcome: { in: args.outcome } }),
          },
        }),
    },
    { name: "WebhookDeliveryConnection", description: "A page of deliveries." },
    { name: "WebhookDeliveryEdge" },
  ),
  workspaces: t.field({
    type: [Workspace],
    description:
      "All folders that runs may read, by path. For administrators; empty for everybody else. One statement.",
    authScopes: { signedIn: true },
    resolve: (_root, _args, { core, actor }) => (actor ? listWorkspaces(core, actor) : []),
  }),
}));
