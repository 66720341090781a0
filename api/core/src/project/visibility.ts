import type { Prisma } from "@shiplog/db";
import { type Permission, permittedProjects } from "../account/index.ts";
import type { Actor } from "../actor.ts";

/**
 * The tenant filter of everything that belongs to a project: rows of projects in which the actor has the permission.
 * Every query of core and every Prisma-backed field spreads it.
 */
export function projectVisibility(
  actor: Actor,
  permission: Permission = "project.read",
): Prisma.ProjectWhereInput {
  return permittedProjects(actor, permission);
}

/** Members of the projects whose member list the actor may read; API keys see none. */
export function memberVisibility(actor: Actor): Prisma.ProjectMemberWhereInput {
  return { project: permittedProjects(actor, "member.read") };
}

/** Integrations of the projects in which the actor is at least a maintainer. */
export function integrationVisibility(actor: Actor): Prisma.IntegrationWhereInput {
  return { project: permittedProjects(actor, "integration.read") };
}

/** Deliveries with payload: for maintainers. */
export function deliveryVisibility(actor: Actor): Prisma.WebhookDeliveryWhereInput {
  return { project: permittedProjects(actor, "delivery.read") };
}

/** Repositories are part of what every member of the project, and every key of it, sees. */
export function repositoryVisibility(actor: Actor): Prisma.RepositoryWhereInput {
  return { project: projectVisibility(actor) };
}
