import { complexityFromQuery } from "@pothos/plugin-complexity";
import { type DocumentNode, type GraphQLSchema, Kind, type OperationDefinitionNode } from "graphql";
import { complexityOptions, LIMITS } from "./complexity.ts";

/**
 * What an operation of a valid document costs with these variables, their defaults included; throws when it is
 * larger than may be, or a variable is not what it is declared as. The limits hold again where a root field is
 * resolved; here they hold for what has none, and before a stream is opened.
 */
export function measureOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): number {
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const cost = complexityFromQuery(
    { kind: Kind.DOCUMENT, definitions: [operation, ...fragments] },
    { schema, ctx: {}, variables },
  );
  const kinds = ["depth", "breadth", "complexity"] as const;
  const kind = kinds.find((one) => cost[one] > LIMITS[one]);
  if (kind) throw complexityOptions.complexityError(kind, cost);
  return cost.complexity;
}
