import type { Context } from "@shiplog/core";
import { Invitation, openInvitation } from "../account/invitation.ts";
import { ApiKey } from "../account/type.ts";
import { builder } from "../builder.ts";
import { ProjectStatus } from "../shared/enums.ts";
import { ID } from "../shared/node.ts";
import { permittedMany, planned } from "../shared/visible.ts";
import { Integration } from "./integration.ts";
import { ProjectSummary, summaries } from "./summary.ts";

export const ProjectMember = builder.prismaNode("ProjectMember", {
  id: {
    description: "Opaque public id of the membership.",
    resolve: (member) => `${member.projectId}:${member.userId}`,
  },
  findUnique: (id) => {
    const [projectId = "", userId = ""] = id.split(":");
    return { projectId_userId: { projectId, userId } };
  },
  select: { projectId: true, userId: true },
  description: "A person's membership of a project.",
  fields: (t) => ({
    user: t.relation("user", { description: "The person." }),
    role: t.exposeString("role", {
      description: "viewer, developer, maintainer or owner; each includes the former.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "Since when." }),
  }),
});

builder.prismaNode("Repository", {
  id: ID,
  select: { id: true },
  description: "A repository, known since its first delivery.",
  fields: (t) => ({
    provider: t.exposeString("provider", { description: "Where it is hosted, e.g. github." }),
    fullName: t.exposeString("fullName", { description: "Owner and name, e.g. octo/app; follows renames." }),
    url: t.exposeString("url", { nullable: true, description: "Its page; null until a delivery names it." }),
    defaultBranch: t.exposeString("defaultBranch", {
      nullable: true,
      description: "Null until a delivery names it.",
    }),
  }),
});

/** The ids of the rows that belong to those projects. */
function childrenOf(projectIds: readonly string[]) {
  return { where: { projectId: { in: [...projectIds] } }, select: { id: true, projectId: true } };
}

/** Newest first. */
async function projectKeys(ctx: Context, projectIds: readonly string[]) {
  const keys = await ctx.db.apiKey.findMany({ ...childrenOf(projectIds), orderBy: { createdAt: "desc" } });
  return keys.flatMap(({ id, projectId }) => (projectId === null ? [] : { id, projectId }));
}

async function workspacePaths(ctx: Context, projectIds: readonly string[]): Promise<string[][]> {
  const links = await ctx.db.projectWorkspace.findMany({
    where: { projectId: { in: [...projectIds] } },
    orderBy: { path: "asc" },
  });
  const byProject = Map.groupBy(links, (link) => link.projectId);
  return projectIds.map((id) => byProject.get(id)?.map((link) => link.path) ?? []);
}

export const Project = builder.prismaNode("Project", {
  id: ID,
  select: { id: true },
  description:
    "What a team ships: repositories, pipelines, agent executions and AI activity belong to one project.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "What people call it." }),
    slug: t.exposeString("slug", { description: "Its name in URLs; unique, fixed at creation." }),
    description: t.exposeString("description", { description: "What it is, in a few words; may be empty." }),
    repositoryUrl: t.exposeString("repositoryUrl", {
      nullable: true,
      description:
        "The main repository's page; null when none was named. Deliveries of others are taken too.",
    }),
    techStack: t.exposeStringList("techStack", {
      description: "Languages and frameworks, as people named them.",
    }),
    status: t.expose("status", { type: ProjectStatus, description: "Whether it is in use." }),
    isDemo: t.exposeBoolean("isDemo", {
      description: "It is the demo of the first start; its data is made up.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was created." }),
    updatedAt: t.expose("updatedAt", { type: "DateTime", description: "When its description last changed." }),
    viewerRole: t.loadable({
      type: "String",
      nullable: true,
      description: "The viewer's role: viewer, developer, maintainer or owner; null for an API key.",
      loaderOptions: { cache: false },
      load: async (projectIds: string[], { core, actor }) => {
        if (actor?.type !== "user") return projectIds.map(() => null);
        const where = { userId: actor.userId, projectId: { in: projectIds } };
        const members = await core.db.projectMember.findMany({ where });
        const roles = new Map(members.map((member) => [member.projectId, member.role]));
        return projectIds.map((id) => roles.get(id) ?? null);
      },
      resolve: (project) => project.id,
    }),
    members: t.relation("members", {
      description: "Its people, by the time they joined. FORBIDDEN for API keys.",
      authScopes: { can: "member.read" },
      query: { orderBy: [{ createdAt: "asc" }, { userId: "asc" }] },
    }),
    integrations: t.loadableList({
      type: Integration,
      nullable: true,
      description: "Its sources of deliveries, oldest first; null unless the viewer is a maintainer.",
      ...permittedMany("Integration", "integration.read", (ctx, projectIds) =>
        ctx.db.integration.findMany({ ...childrenOf(projectIds), orderBy: { createdAt: "asc" } }),
      ),
      resolve: planned((project) => project.id),
    }),
    apiKeys: t.loadableList({
      type: ApiKey,
      nullable: true,
      description: "Its keys, newest first, revoked ones included; null unless the viewer is a maintainer.",
      ...permittedMany("ApiKey", "key.manage", (ctx, projectIds) => projectKeys(ctx, projectIds)),
      resolve: planned((project) => project.id),
    }),
    invitations: t.loadableList({
      type: Invitation,
      nullable: true,
      description:
        "Its invitations that wait to be accepted, newest first; null unless the viewer is an owner.",
      ...permittedMany("Invitation", "member.manage", (ctx, projectIds) =>
        ctx.db.invitation.findMany({
          where: { projectId: { in: [...projectIds] }, ...openInvitation(ctx) },
          select: { id: true, projectId: true },
          orderBy: [{ createdAt: "desc" }, { id: "desc" }],
        }),
      ),
      resolve: planned((project) => project.id),
    }),
    workspaces: t.loadableList({
      type: "String",
      description: "Folders of the server that runs of this project may read, as linked by administrators.",
      loaderOptions: { cache: false },
      load: async (projectIds: string[], ctx) => workspacePaths(ctx.core, projectIds),
      resolve: (project) => project.id,
    }),
    repositories: t.relation("repositories", {
      description: "Repositories that deliveries came from, by name.",
      query: { orderBy: [{ fullName: "asc" }, { id: "asc" }] },
    }),
    summary: t.loadable({
      type: ProjectSummary,
      description:
        "The numbers of its card. One statement for all projects of a list; needs metrics.read, else FORBIDDEN.",
      authScopes: { can: "metrics.read" },
      ...summaries,
      resolve: (project) => project.id,
    }),
  }),
});
