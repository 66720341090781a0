import { type Actor, SYSTEM } from "../actor.ts";
import type { Context } from "../context.ts";
import { InvalidInputError } from "../errors.ts";
import type { Json } from "../ports.ts";
import { resolveWorkspace } from "../project/index.ts";

type InputData = { readonly [key: string]: Json };

interface RunInput {
  readonly projectId: string;
  readonly agentType: string;
  readonly inputData: InputData;
}

function refuse(path: readonly string[], message: string): InvalidInputError {
  return new InvalidInputError(message, [{ path: ["input", ...path], message }]);
}

/**
 * The input of an internal run with its folder checked and resolved: the one it names, else the first that was
 * linked to the project. The executor reads `path` of what this returns, so nothing else may write inputData.
 */
export async function resolveInput(ctx: Context, actor: Actor, run: RunInput): Promise<InputData> {
  const agent = ctx.agentTypes.find(({ type }) => type === run.agentType);
  if (!agent) throw refuse(["agentType"], `There is no agent "${run.agentType}" here.`);
  const { path, ...rest } = run.inputData;
  if (path !== undefined && path !== null && typeof path !== "string") {
    throw refuse(["inputData", "path"], "The path of a folder is a text.");
  }
  const folder = await resolveWorkspace(ctx, actor, run.projectId, path ?? null);
  if (folder !== null) return { ...rest, path: folder };
  if (agent.needsWorkspace) {
    throw refuse(["inputData", "path"], "Name the folder to read: none is linked to the project.");
  }
  return rest;
}

/** The folder of an execution's stored input; null: none. */
function workspaceOf(inputData: Json): string | null {
  if (inputData === null || typeof inputData !== "object" || Array.isArray(inputData)) return null;
  const { path } = inputData as InputData;
  return typeof path === "string" ? path : null;
}

/**
 * The folder again, when a run is claimed: links of the file system may have changed since it was started.
 * Throws InvalidInputError when it is no longer the folder that was checked.
 */
export async function recheckWorkspace(
  ctx: Context,
  projectId: string,
  inputData: Json,
): Promise<string | null> {
  const path = workspaceOf(inputData);
  if (path === null) return null;
  const real = await resolveWorkspace(ctx, SYSTEM, projectId, path);
  if (real !== path)
    throw refuse(["inputData", "path"], "The folder is not the one that the run was started with.");
  return real;
}
