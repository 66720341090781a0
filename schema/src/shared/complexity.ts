import {
  GraphQLError,
  type GraphQLField,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
} from "graphql";

import type { GraphQLContext } from "../context.ts";

/** The most a page holds, and what it holds when nothing is said. */
export const PAGE = { most: 100, usual: 50 } as const;

/** What an operation may cost (objects it may touch), how deep and how wide it may be. */
export const LIMITS = { complexity: 2_000, depth: 12, breadth: 200 } as const;

/** Objects a list without a page size is counted as. */
const LIST_SIZE = 5;

/** Scalars are free, an object costs one, a list multiplies what is below it. */
function fieldComplexity(_args: unknown, _ctx: unknown, field: GraphQLField<unknown, GraphQLContext>) {
  const cost = isLeafType(getNamedType(field.type)) ? 0 : 1;
  return isListType(getNullableType(field.type))
    ? { field: cost * LIST_SIZE, multiplier: LIST_SIZE }
    : { field: cost, multiplier: 1 };
}

/** For a connection: its page size multiplies what is below it. */
export function pageComplexity(args: { first?: number | null; last?: number | null }) {
  const size = Math.min(args.first ?? args.last ?? PAGE.usual, PAGE.most);
  return { field: 1, multiplier: Math.max(size, 1) };
}

/** For a field whose every object costs a statement or a large read of its own. */
export function heavy(cost: number, multiplier = 1) {
  return { field: cost, multiplier };
}

export const complexityOptions = {
  // A batch costs what its document was found to cost: to count again for each would take longer than its result.
  limit: ({ isBatch }: GraphQLContext) => (isBatch ? {} : LIMITS),
  fieldComplexity,
  complexityError: (kind: string, result: { complexity: number; depth: number; breadth: number }) =>
    new GraphQLError(
      `The operation is too large (${kind.toLowerCase()}: complexity ${result.complexity} of ${LIMITS.complexity}, ` +
        `depth ${result.depth} of ${LIMITS.depth}, breadth ${result.breadth} of ${LIMITS.breadth}). ` +
        "Ask for smaller pages or split it.",
      { extensions: { code: "QUERY_TOO_COMPLEX" } },
    ),
};
