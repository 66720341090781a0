import type { Context } from "../context.ts";
import { InvalidInputError } from "../errors.ts";

/** Throws InvalidInputError for an archived project: it is kept and readable, and nothing new is begun in it. */
export async function assertActive(ctx: Context, projectId: string): Promise<void> {
  const project = await ctx.db.project.findUnique({ where: { id: projectId }, select: { status: true } });
  if (project?.status !== "archived") return;
  throw new InvalidInputError("The project is archived. A maintainer can bring it back in its settings.", [
    { path: ["input", "projectId"], message: "is archived" },
  ]);
}
