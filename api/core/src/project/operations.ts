import { executeRaw, type Project, sql } from "@shiplog/db";
import { authorize, isUniqueViolation, parseInput, revoke } from "../account/index.ts";
import type { Actor } from "../actor.ts";
import type { Context } from "../context.ts";
import { ForbiddenError } from "../errors.ts";
import { transact } from "../transaction.ts";
import { slugTakenError } from "./errors.ts";
import {
  type CreateProjectInput,
  createProjectInput,
  slugify,
  type UpdateProjectInput,
  updateProjectInput,
} from "./input.ts";

/** What only the program itself may say of a project it creates; ignored for anybody else. */
export interface ProjectOrigin {
  /** UUID of the user who becomes its owner. */
  readonly ownerId?: string;
  readonly isDemo?: boolean;
}

/**
 * Creates a project and its event stream; a user becomes its owner. API keys may not (ForbiddenError). Throws
 * ConflictError when the slug is taken and InvalidInputError.
 */
export async function createProject(
  ctx: Context,
  actor: Actor,
  input: CreateProjectInput,
  origin: ProjectOrigin = {},
): Promise<Project> {
  if (actor.type === "key") throw new ForbiddenError("An API key acts in its own project only.");
  const data = parseInput(createProjectInput, input);
  const slug = data.slug ?? (await freeSlug(ctx, data.name));
  const ownerId = actor.type === "user" ? actor.userId : origin.ownerId;
  const now = ctx.clock.now();
  const id = ctx.newId();
  return transact(ctx, async (tx) => {
    const project = await tx.db.project.create({
      data: {
        id,
        name: data.name,
        slug,
        description: data.description ?? "",
        repositoryUrl: data.repositoryUrl,
        techStack: data.techStack ?? [],
        isDemo: actor.type === "system" && origin.isDemo === true,
        createdAt: now,
        updatedAt: now,
        ...(ownerId && { members: { create: { userId: ownerId, role: "owner", createdAt: now } } }),
      },
    });
    await tx.db.streamHead.create({ data: { streamId: id, kind: "project", projectId: id } });
    return project;
  }).catch((error) => {
    throw isUniqueViolation(error) ? slugTakenError(slug) : error;
  });
}

/** The name's slug, with random digits behind it when that is taken or too short. */
async function freeSlug(ctx: Context, name: string): Promise<string> {
  const slug = slugify(name);
  const taken =
    slug.length < 2 || (await ctx.db.project.findUnique({ where: { slug }, select: { id: true } }));
  return taken ? [slug || "project", ctx.randomBytes(3).toString("hex")].join("-") : slug;
}

/** Changes a project's description. Needs project.update; throws NotFoundError, ForbiddenError, InvalidInputError. */
export async function updateProject(ctx: Context, actor: Actor, input: UpdateProjectInput): Promise<Project> {
  const { id, ...changes } = input;
  await authorize(ctx, actor, id, "project.update");
  const parsed = parseInput(updateProjectInput, changes);
  return ctx.db.project.update({
    where: { id },
    data: {
      name: parsed.name ?? undefined,
      description: parsed.description ?? undefined,
      // Parsing turns an absent URL into null as well; only a null that was sent removes it.
      repositoryUrl: changes.repositoryUrl === undefined ? undefined : parsed.repositoryUrl,
      techStack: parsed.techStack ?? undefined,
      status: parsed.status ?? undefined,
      updatedAt: ctx.clock.now(),
    },
  });
}

/**
 * Deletes a project with all that belongs to it, its log included; open streams on it end. Needs project.delete
 * (owners); throws NotFoundError and ForbiddenError. Cost: proportional to the project's rows.
 */
export async function deleteProject(
  ctx: Context,
  actor: Actor,
  input: { readonly id: string },
): Promise<string> {
  const { id } = input;
  await authorize(ctx, actor, id, "project.delete");
  await transact(ctx, async (tx) => {
    await tx.db.project.deleteMany({ where: { id } });
    // Streams have no foreign key: an append must not have to lock the project's row. Heads go last.
    await executeRaw(tx.db, sql`DELETE FROM event_content WHERE project_id = ${id}::uuid`);
    await executeRaw(
      tx.db,
      sql`DELETE FROM stream_event e USING (
            SELECT stream_id FROM stream_head WHERE project_id = ${id}::uuid
            ORDER BY (kind = 'project'), stream_id FOR UPDATE
          ) h WHERE e.stream_id = h.stream_id`,
    );
    await executeRaw(tx.db, sql`DELETE FROM stream_head WHERE project_id = ${id}::uuid`);
    revoke(tx, { projectId: id });
  });
  return id;
}
