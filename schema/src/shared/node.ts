import { brandWithType } from "@pothos/core";
import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import { builder } from "../builder.ts";
import type { GraphQLContext } from "../context.ts";
import { PAGE } from "./complexity.ts";
import { fromGlobalId } from "./ids.ts";
import { isVisibleModel, readByIds, visible } from "./visible.ts";

/** The id of every node. */
export const ID = {
  field: "id",
  description: "Opaque public id; stable for the life of the object.",
} as const;

const IDS = z.array(z.string()).max(PAGE.most);

async function loadNodes(ctx: GraphQLContext, info: GraphQLResolveInfo, ids: readonly string[]) {
  const keys = ids.map(fromGlobalId);
  const byType = Map.groupBy(keys, (key) => key.typename);
  const found = new Map<string, object>();
  for (const [type, own] of byType) {
    if (!isVisibleModel(type)) continue;
    const rows = await readByIds(
      ctx,
      info,
      type,
      own.map((key) => key.id),
      type,
    );
    for (const [id, row] of rows) {
      brandWithType(row, type as never);
      found.set(`${type}:${id}`, row);
    }
  }
  return keys.map(({ typename, id }) => found.get(`${typename}:${id}`) ?? null);
}

builder.queryFields((t) => ({
  node: t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description:
      "Any object by its id; null when it is missing or foreign. One statement, plus one per relation.",
    authScopes: { signedIn: true },
    extensions: visible("*"),
    args: { id: t.arg.id({ required: true, description: "The object's id." }) },
    resolve: async (_root, { id }, ctx, info) => (await loadNodes(ctx, info, [id]))[0] ?? null,
  }),
  nodes: t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description:
      "Objects by their ids, at most 100, in the order asked for; null in the place of a missing or foreign one. One statement per type.",
    authScopes: { signedIn: true },
    extensions: visible("*"),
    complexity: ({ ids }) => ({ field: ids.length, multiplier: Math.max(ids.length, 1) }),
    args: { ids: t.arg.idList({ required: true, description: "The objects' ids.", validate: IDS }) },
    resolve: (_root, { ids }, ctx, info) => loadNodes(ctx, info, ids),
  }),
}));
