import type { Prisma, Project, ProjectStatus } from "@shiplog/db";
import type { Actor } from "../actor.ts";
import type { Context } from "../context.ts";
import { projectVisibility } from "./visibility.ts";

/** The project of that id (UUID) or slug; null when there is none that the actor may see. One statement. */
export async function findProject(
  ctx: Context,
  actor: Actor,
  by: { readonly id: string } | { readonly slug: string },
): Promise<Project | null> {
  const where: Prisma.ProjectWhereInput = "id" in by ? { id: by.id } : { slug: by.slug };
  return ctx.db.project.findFirst({ where: { AND: [where, projectVisibility(actor)] } });
}

/** The projects that the actor may see, newest first, at most 500. One statement. */
export async function listProjects(
  ctx: Context,
  actor: Actor,
  filter: { readonly status?: ProjectStatus } = {},
): Promise<Project[]> {
  return ctx.db.project.findMany({
    where: { AND: [projectVisibility(actor), filter.status ? { status: filter.status } : {}] },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: 500,
  });
}
