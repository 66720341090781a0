import { decide, type Permission } from "@shiplog/core/account";
import type { GraphQLResolveInfo } from "graphql";
import type { GraphQLContext } from "../context.ts";
import { uuidOrNull } from "./ids.ts";
import { type PageArgs, type SortColumn, visiblePage } from "./keyset.ts";
import type { VisibleModel } from "./visible.ts";

interface ProjectList {
  readonly model: VisibleModel;
  readonly sort: SortColumn;
  readonly permission: Permission;
  readonly where: object;
}

/**
 * One page of a project's list; null when the project is missing or foreign, or the role does not reach. Two
 * statements for a person (membership, page), one for a key.
 */
export async function projectPage(
  ctx: GraphQLContext,
  info: GraphQLResolveInfo,
  args: PageArgs & { readonly projectId: string },
  { permission, where, ...list }: ProjectList,
) {
  const projectId = uuidOrNull("Project", args.projectId);
  if (!projectId || !ctx.actor) return null;
  if ((await decide(ctx.core, ctx.actor, projectId, permission)) !== "allowed") return null;
  return visiblePage(ctx, info, args, { ...list, where: { projectId, ...where } });
}
