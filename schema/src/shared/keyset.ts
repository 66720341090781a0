import { InvalidInputError } from "@shiplog/core";
import type { GraphQLResolveInfo } from "graphql";
import type { GraphQLContext } from "../context.ts";
import { PAGE } from "./complexity.ts";
import { isStorable } from "./scalars.ts";
import { type Row, readVisible, selectionOf, type VisibleModel } from "./visible.ts";

/** The columns that lists are sorted by, newest first; the id breaks ties. */
export type SortColumn = "at" | "createdAt" | "occurredAt" | "receivedAt";

export interface PageArgs {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

interface Position {
  readonly at: Date;
  readonly id: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function refuse(message: string): never {
  throw new InvalidInputError(message);
}

function encodePosition({ at, id }: Position): string {
  return Buffer.from(`${at.getTime()}.${id}`).toString("base64url");
}

function decodePosition(cursor: string): Position {
  const text = Buffer.from(cursor, "base64url").toString();
  const cut = text.indexOf(".");
  const at = new Date(Number(text.slice(0, cut)));
  const id = text.slice(cut + 1);
  if (cut < 1 || !isStorable(at) || !UUID.test(id)) refuse(`Not a cursor of this list: ${cursor}`);
  return { at, id };
}

/** Strictly beyond a position: `lt` is older, `gt` newer. The first condition lets the index find the place. */
function beyond(sort: SortColumn, way: "lt" | "gt", { at, id }: Position): object {
  return { [sort]: { [`${way}e`]: at }, OR: [{ [sort]: { [way]: at } }, { id: { [way]: id } }] };
}

function sizeOf({ first, last }: PageArgs): number {
  if (first != null && last != null) refuse("Give `first` or `last`, not both.");
  const size = first ?? last ?? PAGE.usual;
  if (size < 0 || size > PAGE.most) refuse(`A page holds at most ${PAGE.most} entries.`);
  return size;
}

/** One page of a list by keyset: stable while entries come and go, and as fast at the end as at the start. */
export async function visiblePage(
  ctx: GraphQLContext,
  info: GraphQLResolveInfo,
  args: PageArgs,
  list: { readonly model: VisibleModel; readonly sort: SortColumn; readonly where: object },
) {
  const size = sizeOf(args);
  const backwards = args.last != null;
  const bounds = [list.where];
  if (args.after) bounds.push(beyond(list.sort, "lt", decodePosition(args.after)));
  if (args.before) bounds.push(beyond(list.sort, "gt", decodePosition(args.before)));
  const order = backwards ? "asc" : "desc";
  const { select, ...query } = selectionOf(ctx, info, { path: ["edges", "node"] }) as { select?: object };
  const rows = await readVisible<Row & Record<SortColumn, Date>>(ctx, list.model, {
    where: { AND: bounds },
    orderBy: [{ [list.sort]: order }, { id: order }],
    take: size + 1,
    query: { ...query, select: { ...select, id: true, [list.sort]: true } },
  });
  const more = rows.length > size;
  const page = rows.slice(0, size);
  if (backwards) page.reverse();
  const edges = page.map((node) => ({ cursor: encodePosition({ at: node[list.sort], id: node.id }), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: backwards ? Boolean(args.before) : more,
      hasPreviousPage: backwards ? more : Boolean(args.after),
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
