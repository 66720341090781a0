import { executeRaw, type Project, sql } from "@shiplog/db";
import type { z } from "zod";
import { audited, authorize, isUniqueViolation, parseInput, revoke } from "../account/index.ts";
import type { Actor } from "../actor.ts";
import type { Context } from "../context.ts";
import { ForbiddenError } from "../errors.ts";
import { createRedactor, redactorOf } from "../redact/index.ts";
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
  return audited(ctx, actor, { action: "project.create" }, async (attempt) => {
    if (actor.type !== "user" && actor.type !== "system") {
      throw new ForbiddenError("Only people create projects.");
    }
    const parsed = parseInput(createProjectInput, input);
    // People paste what they have at hand.
    const { text } = createRedactor(ctx.ownSecrets);
    const data = { ...parsed, name: text(parsed.name), description: text(parsed.description ?? "") };
    const slug = data.slug ?? (await freeSlug(ctx, data.name));
    const ownerId = actor.type === "user" ? actor.userId : origin.ownerId;
    const isDemo = actor.type === "system" && origin.isDemo === true;
    return transact(ctx, async (tx) => {
      const project = await insertProject(tx, { ...data, slug, isDemo }, ownerId);
      const { id } = project;
      await attempt.succeed(tx, { projectId: id, target: { type: "Project", id }, details: { slug } });
      return project;
    }).catch((error) => {
      throw isUniqueViolation(error) ? slugTakenError(slug) : error;
    });
  });
}

type ProjectData = z.output<typeof createProjectInput> & { readonly slug: string; readonly isDemo: boolean };

/** With its event stream. */
async function insertProject(tx: Context, data: ProjectData, ownerId: string | undefined): Promise<Project> {
  const id = tx.newId();
  const now = tx.clock.now();
  const project = await tx.db.project.create({
    data: {
      id,
      name: data.name,
      slug: data.slug,
      description: data.description ?? "",
      repositoryUrl: data.repositoryUrl,
      techStack: data.techStack ?? [],
      isDemo: data.isDemo,
      createdAt: now,
      updatedAt: now,
      ...(ownerId && { members: { create: { userId: ownerId, role: "owner", createdAt: now } } }),
    },
  });
  await tx.db.streamHead.create({ data: { streamId: id, kind: "project", projectId: id } });
  return project;
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
  const event = { action: "project.update", projectId: id, target: { type: "Project", id } } as const;
  return audited(ctx, actor, event, async (attempt) => {
    await authorize(ctx, actor, id, "project.update");
    const parsed = parseInput(updateProjectInput, changes);
    const { text } = await redactorOf(ctx, id);
    const clean = (given: string | null | undefined) => (typeof given === "string" ? text(given) : undefined);
    const data = {
      name: clean(parsed.name),
      description: clean(parsed.description),
      // Parsing turns an absent URL into null as well; only a null that was sent removes it.
      repositoryUrl: changes.repositoryUrl === undefined ? undefined : parsed.repositoryUrl,
      techStack: parsed.techStack ?? undefined,
      status: parsed.status ?? undefined,
    };
    return transact(ctx, async (tx) => {
      await attempt.succeed(tx, { details: { changed: changedNames(data) } });
      return tx.db.project.update({ where: { id }, data: { ...data, updatedAt: ctx.clock.now() } });
    });
  });
}

function changedNames(data: object): string[] {
  return Object.entries(data).flatMap(([name, value]) => (value === undefined ? [] : [name]));
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
  const event = { action: "project.delete", projectId: id, target: { type: "Project", id } } as const;
  return audited(ctx, actor, event, async (attempt) => {
    await authorize(ctx, actor, id, "project.delete");
    await transact(ctx, async (tx) => {
      await attempt.succeed(tx);
      await removeProject(tx, id);
      revoke(tx, { projectId: id });
    });
    return id;
  });
}

async function removeProject(tx: Context, id: string): Promise<void> {
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
}
