import { queryFromInfo } from "@pothos/plugin-prisma";
import { type Actor, type Context, NotFoundError } from "@shiplog/core";
import {
  apiKeyVisibility,
  auditVisibility,
  invitationVisibility,
  type Permission,
  permittedProjects,
  userVisibility,
} from "@shiplog/core/account";
import { activityVisibility } from "@shiplog/core/activity";
import { eventContentVisibility, executionVisibility } from "@shiplog/core/agent";
import {
  commitVisibility,
  deploymentVisibility,
  environmentVisibility,
  jobVisibility,
  pipelineVisibility,
  pullRequestVisibility,
} from "@shiplog/core/pipeline";
import {
  deliveryVisibility,
  integrationVisibility,
  memberVisibility,
  projectVisibility,
  repositoryVisibility,
} from "@shiplog/core/project";
import type { GraphQLResolveInfo } from "graphql";
import type { GraphQLContext } from "../context.ts";

/** The tenant filter of each model that a query can enter by; all from core/<area>/visibility.ts. */
const FILTERS = {
  AIActivity: activityVisibility,
  AgentExecution: executionVisibility,
  ApiKey: apiKeyVisibility,
  AuditEntry: (actor: Actor, ctx: Context) => auditVisibility(ctx, actor),
  Commit: commitVisibility,
  Deployment: deploymentVisibility,
  Environment: environmentVisibility,
  EventContent: (actor: Actor, ctx: Context) => eventContentVisibility(ctx, actor),
  Integration: integrationVisibility,
  Invitation: invitationVisibility,
  PipelineExecution: pipelineVisibility,
  PipelineJob: jobVisibility,
  Project: (actor: Actor) => projectVisibility(actor),
  ProjectMember: memberVisibility,
  PullRequest: pullRequestVisibility,
  Repository: repositoryVisibility,
  User: userVisibility,
  WebhookDelivery: deliveryVisibility,
} satisfies Record<string, (actor: Actor, ctx: Context) => object | Promise<object>>;

/** A model that a query can enter by. */
export type VisibleModel = keyof typeof FILTERS;

export function isVisibleModel(name: string): name is VisibleModel {
  return Object.hasOwn(FILTERS, name);
}

export interface Row {
  readonly id: string;
}

interface Delegate<R> {
  findMany(args: object): Promise<R[]>;
}

interface ReadOptions {
  readonly where: object;
  readonly orderBy?: object;
  readonly take?: number;
  /** What the selection of the field asks for, from `queryFromInfo`. */
  readonly query: object;
}

/** The one way from a resolver to rows: the actor's tenant filter is always part of the statement. */
export async function readVisible<R>(
  ctx: GraphQLContext,
  model: VisibleModel,
  { where, query, ...rest }: ReadOptions,
): Promise<R[]> {
  if (!ctx.actor) return [];
  const filter: object = await FILTERS[model](ctx.actor, ctx.core);
  const property = `${model[0]?.toLowerCase()}${model.slice(1)}` as keyof typeof ctx.core.db;
  const delegate = ctx.core.db[property] as unknown as Delegate<R>;
  return delegate.findMany({ ...query, ...rest, where: { AND: [where, filter] } });
}

interface Selected {
  readonly path?: string[];
  readonly typeName?: string;
  readonly member?: boolean;
}

/** The selection that a field of objects asks for, with their ids. */
export function selectionOf(ctx: GraphQLContext, info: GraphQLResolveInfo, of: Selected = {}): object {
  const select: Record<string, boolean> = of.member ? { projectId: true, userId: true } : { id: true };
  return queryFromInfo({ context: ctx, info, path: of.path ?? [], typeName: of.typeName, select });
}

/** A membership has no id of its own: it is named by `project:user`. */
type MemberRow = { readonly projectId: string; readonly userId: string };

function whereIds(model: VisibleModel, ids: readonly string[]): object {
  if (model !== "ProjectMember") return { id: { in: ids } };
  return {
    OR: ids.map((id) => {
      const [projectId, userId] = id.split(":");
      return { projectId, userId };
    }),
  };
}

function idOf(model: VisibleModel, row: Row | MemberRow): string {
  return model === "ProjectMember"
    ? `${(row as MemberRow).projectId}:${(row as MemberRow).userId}`
    : (row as Row).id;
}

const WHOLE_JOB = { omit: { fold: true }, include: { steps: { orderBy: { number: "asc" } } } };

/** Visible rows by id, with the selection of the field (on that type, where the field is of several). */
export async function readByIds(
  ctx: GraphQLContext,
  info: GraphQLResolveInfo,
  model: VisibleModel,
  ids: readonly string[],
  typeName?: string,
): Promise<Map<string, Row>> {
  if (ids.length === 0) return new Map();
  // A job is no Prisma type: events hold snapshots of it.
  const query =
    model === "PipelineJob"
      ? WHOLE_JOB
      : selectionOf(ctx, info, { typeName, member: model === "ProjectMember" });
  const rows = await readVisible<Row>(ctx, model, { where: whereIds(model, [...new Set(ids)]), query });
  return new Map(rows.map((row) => [idOf(model, row), row]));
}

/** One visible row by id, with the field's selection; null when it is missing or foreign. */
export async function findVisible(
  ctx: GraphQLContext,
  info: GraphQLResolveInfo,
  model: VisibleModel,
  id: string | null,
): Promise<Row | null> {
  return id === null ? null : ((await readByIds(ctx, info, model, [id])).get(id) ?? null);
}

/**
 * Marks a field as bounded by a model's tenant filter ("*": by that of each of its types; "parent": by the object
 * it is of, within the same project). The schema walk of the tests asks for it.
 */
export function visible(model: VisibleModel | "*" | "parent") {
  return { visibility: model };
}

/** Never cached: in a subscription one context serves many batches, and each must show the present. */
const UNCACHED = { loaderOptions: { cache: false }, byPath: true as const };

interface PageSize {
  readonly first?: number | null;
}

/**
 * Wraps the key of a `t.loadable` field of rows that may stand in a list. The loader reads for all parents with
 * the selection of the first; Pothos must know of it at the place of each, or would load the others once more.
 */
export function planned<Parent, Key>(key: (parent: Parent, args: PageSize) => Key) {
  return (parent: Parent, args: object, ctx: GraphQLContext, info: GraphQLResolveInfo): Key => {
    selectionOf(ctx, info);
    return key(parent, args);
  };
}

type Finder = (ctx: Context, keys: readonly string[]) => Promise<ReadonlyMap<string, readonly string[]>>;

const itself: Finder = async (_ctx, keys) => new Map(keys.map((key) => [key, [key]]));

/**
 * For a `t.loadable` field that shows one object: one statement for all parents of a batch (two with `find`,
 * which leads from the keys to ids). Null when missing or foreign.
 */
export function visibleOne(model: VisibleModel, find: Finder = itself) {
  return {
    ...UNCACHED,
    extensions: visible(model),
    async load(keys: string[], ctx: GraphQLContext, _args: unknown, info: GraphQLResolveInfo) {
      const found = await find(ctx.core, [...new Set(keys)]);
      const rows = await readByIds(ctx, info, model, [...found.values()].flat());
      return keys.map((key) => rows.get(found.get(key)?.[0] ?? "") ?? null);
    },
  };
}

/** The same for a field that must not be null: an object that is gone is an error. */
export function visibleExactly<R = Row>(model: VisibleModel) {
  const { load, ...rest } = visibleOne(model);
  return {
    ...rest,
    async load(
      keys: string[],
      ctx: GraphQLContext,
      args: unknown,
      info: GraphQLResolveInfo,
    ): Promise<(R | Error)[]> {
      const rows = await load(keys, ctx, args, info);
      return rows.map((row) => (row as R | null) ?? new NotFoundError());
    },
  };
}

/** For a `t.loadableList` field: two statements for all parents of a batch; `find` gives the order. */
export function visibleMany(model: VisibleModel, find: Finder) {
  return {
    ...UNCACHED,
    extensions: visible(model),
    async load(keys: string[], ctx: GraphQLContext, _args: unknown, info: GraphQLResolveInfo) {
      const found = await find(ctx.core, [...new Set(keys)]);
      const rows = await readByIds(ctx, info, model, [...found.values()].flat());
      return keys.map((key) => (found.get(key) ?? []).flatMap((id) => rows.get(id) ?? []));
    },
  };
}

interface Child {
  readonly id: string;
  readonly projectId: string;
}

/**
 * For a `t.loadableList` field of projects that only some roles may read: null in the projects where the actor
 * lacks the permission. Three statements for all parents of a batch.
 */
export function permittedMany(
  model: VisibleModel,
  permission: Permission,
  find: (ctx: Context, projectIds: readonly string[]) => Promise<readonly Child[]>,
) {
  return {
    ...UNCACHED,
    extensions: visible(model),
    async load(keys: string[], ctx: GraphQLContext, _args: unknown, info: GraphQLResolveInfo) {
      if (!ctx.actor) return keys.map(() => null);
      const where = { AND: [{ id: { in: keys } }, permittedProjects(ctx.actor, permission)] };
      const permitted = await ctx.core.db.project.findMany({ where, select: { id: true } });
      const ids = new Set(permitted.map((project) => project.id));
      const children = Map.groupBy(await find(ctx.core, [...ids]), (child) => child.projectId);
      const rows = await readByIds(
        ctx,
        info,
        model,
        [...children.values()].flat().map((child) => child.id),
      );
      return keys.map((key) =>
        ids.has(key) ? (children.get(key) ?? []).flatMap(({ id }) => rows.get(id) ?? []) : null,
      );
    },
  };
}
