import type { Prisma } from "@shiplog/db";
import { permittedProjects } from "../account/index.ts";
import type { Actor } from "../actor.ts";

/** AI activity of the projects that the actor may read it in. */
export function activityVisibility(actor: Actor): Prisma.AIActivityWhereInput {
  return { project: permittedProjects(actor, "activity.read") };
}
