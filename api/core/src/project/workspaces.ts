import { realpath, stat } from "node:fs/promises";
import { isAbsolute, sep } from "node:path";
import { type AuditEvent, audited, authorize, authorizeInstance, mayInstance } from "../account/index.ts";
import type { Actor } from "../actor.ts";
import { cleanText } from "../clean.ts";
import type { Context } from "../context.ts";
import { InvalidInputError, NotFoundError } from "../errors.ts";
import { transact } from "../transaction.ts";

export interface WorkspaceInput {
  /** UUID. */
  readonly projectId: string;
  /** An absolute path in a workspace of the instance. */
  readonly path: string;
}

/** A folder that is linked, or may be, with the projects (UUIDs) it is linked to. */
export interface Workspace {
  readonly path: string;
  readonly projectIds: readonly string[];
}

/** Links a folder to a project: its developers may then name it in runs. Administrators only; idempotent. */
export async function linkWorkspace(ctx: Context, actor: Actor, input: WorkspaceInput): Promise<string> {
  return audited(ctx, actor, eventOf("workspace.link", input), async (attempt) => {
    authorizeInstance(actor, "workspace.link");
    const project = await ctx.db.project.findUnique({ where: { id: input.projectId }, select: { id: true } });
    if (!project) throw new NotFoundError("project");
    const path = await checkedPath(ctx, input.path, ctx.settings.workspaces);
    return transact(ctx, async (tx) => {
      await tx.db.projectWorkspace.createMany({
        data: { projectId: input.projectId, path, createdAt: ctx.clock.now() },
        skipDuplicates: true,
      });
      await attempt.succeed(tx, { details: { path } });
      return path;
    });
  });
}

function eventOf(action: string, { projectId }: WorkspaceInput): AuditEvent {
  return { action, projectId, target: { type: "Project", id: projectId } };
}

/** Takes a link away; runs that have started go on. Administrators only; throws NotFoundError. */
export async function unlinkWorkspace(ctx: Context, actor: Actor, input: WorkspaceInput): Promise<void> {
  const { projectId } = input;
  const path = cleanText(input.path);
  await audited(ctx, actor, eventOf("workspace.unlink", input), async (attempt) => {
    authorizeInstance(actor, "workspace.link");
    await transact(ctx, async (tx) => {
      const { count } = await tx.db.projectWorkspace.deleteMany({ where: { projectId, path } });
      if (count === 0) throw new NotFoundError("workspace link");
      await attempt.succeed(tx, { details: { path } });
    });
  });
}

/** For administrators the folders of the instance and every linked one; for others none. One statement. */
export async function listWorkspaces(ctx: Context, actor: Actor): Promise<Workspace[]> {
  if (!mayInstance(actor, "workspace.list")) return [];
  const links = await ctx.db.projectWorkspace.findMany({ orderBy: { path: "asc" } });
  const byPath = new Map<string, string[]>(ctx.settings.workspaces.map((path) => [path, []]));
  for (const { path, projectId } of links) byPath.set(path, [...(byPath.get(path) ?? []), projectId]);
  return [...byPath].map(([path, projectIds]) => ({ path, projectIds }));
}

/**
 * The real path of the folder that a run may read; null when none was named and none is linked. Administrators
 * may name the instance's workspaces or a folder below one, everybody else only what is linked to the project
 * or lies below it. Needs agent.write. Throws InvalidInputError, with the same words whether or not the path
 * exists. Check again when the run starts: links and symbolic links may have changed.
 */
export async function resolveWorkspace(
  ctx: Context,
  actor: Actor,
  projectId: string,
  path: string | null,
): Promise<string | null> {
  await authorize(ctx, actor, projectId, "agent.write");
  const links = await ctx.db.projectWorkspace.findMany({
    where: { projectId },
    orderBy: { createdAt: "asc" },
  });
  const linked = links.map((link) => link.path);
  const wanted = path ?? linked[0];
  if (wanted === undefined) return null;
  const all = mayInstance(actor, "workspace.use_any");
  return checkedPath(ctx, wanted, all ? [...linked, ...ctx.settings.workspaces] : linked);
}

async function checkedPath(ctx: Context, path: string, roots: readonly string[]): Promise<string> {
  const real = await realFolder(path);
  const allowed = real !== null && (await isBelow(real, roots));
  if (!allowed || (await isBelow(real, ctx.settings.privatePaths ?? []))) {
    throw new InvalidInputError("The path is not a folder in a workspace that you may use.", [
      { path: ["input", "path"], message: "not a folder in a workspace that you may use" },
    ]);
  }
  return real;
}

async function isBelow(real: string, roots: readonly string[]): Promise<boolean> {
  const folders = await Promise.all(roots.map(realFolder));
  return folders.some(
    (root) => root !== null && (real === root || real.startsWith(root + (root === sep ? "" : sep))),
  );
}

/** The path without symbolic links; null unless it is an existing folder. */
async function realFolder(path: string): Promise<string | null> {
  if (!isAbsolute(path) || path.includes("\0")) return null;
  try {
    const real = await realpath(path);
    return (await stat(real)).isDirectory() ? real : null;
  } catch {
    return null;
  }
}
