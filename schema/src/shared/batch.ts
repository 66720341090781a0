import type { Context } from "@shiplog/core";
import type { GraphQLResolveInfo } from "graphql";
import type { GraphQLContext } from "../context.ts";

/**
 * For a `t.loadable` field that is computed: one call of `find` for all parents of a batch. Never cached, so
 * that each batch of a subscription shows the present.
 */
export function computed<T>(
  find: (ctx: Context, keys: readonly string[]) => Promise<ReadonlyMap<string, T>>,
) {
  return {
    loaderOptions: { cache: false },
    async load(keys: string[], ctx: GraphQLContext): Promise<(T | null)[]> {
      const found = await find(ctx.core, [...new Set(keys)]);
      return keys.map((key) => found.get(key) ?? null);
    },
  };
}

/** Milliseconds between two times; null until both are known. */
export function durationMs(row: { startedAt: Date | null; completedAt: Date | null }): number | null {
  return row.startedAt && row.completedAt
    ? Math.max(row.completedAt.getTime() - row.startedAt.getTime(), 0)
    : null;
}

type Rest = [args: object, ctx: GraphQLContext, info: GraphQLResolveInfo];

/** `select` and key for a `t.loadable` field, whose types know no columns besides the id. */
export function keyed<Row>(
  select: { readonly [K in keyof Row]: true },
  key: (row: Row, ...rest: Rest) => string | null,
) {
  return { select: select as never, resolve: key as (row: unknown, ...rest: Rest) => string };
}
