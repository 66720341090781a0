import type { GraphQLSchema } from "graphql";
import { builder } from "./builder.ts";
import "./register.ts";

export type { GraphQLContext } from "./context.ts";
export { LIMITS } from "./shared/complexity.ts";
export { measureOperation } from "./shared/measure.ts";
export { isShared } from "./shared/sharing.ts";

let schema: GraphQLSchema | undefined;

/** The executable schema; built once per process. Needs no database, environment or file. */
export function createSchema(): GraphQLSchema {
  schema ??= builder.toSchema();
  return schema;
}
