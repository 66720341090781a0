import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  isRequiredArgument,
} from "graphql";

/** From one type to the next, by a field of it. */
interface Step {
  readonly type: string;
  readonly field: string;
}

export type Path = readonly Step[];

/** Deeper than this a document may not go below the events. */
const LONGEST = 4;

/** The shortest way to each object type that a type leads to, by fields that need no argument. */
export function pathsFrom(schema: GraphQLSchema, from: GraphQLOutputType): Map<string, Path> {
  const found = new Map<string, Path>();
  let reached: [GraphQLOutputType, Path][] = [[from, []]];
  while (reached.length > 0) {
    const next: typeof reached = [];
    for (const [type, path] of reached) {
      for (const object of objectsOf(schema, type)) {
        if (found.has(object.name)) continue;
        found.set(object.name, path);
        if (path.length < LONGEST) next.push(...stepsFrom(object, path));
      }
    }
    reached = next;
  }
  return found;
}

function objectsOf(schema: GraphQLSchema, type: GraphQLOutputType): readonly GraphQLObjectType[] {
  const named = getNamedType(type);
  if (isAbstractType(named)) return schema.getPossibleTypes(named);
  return isObjectType(named) ? [named] : [];
}

function stepsFrom(type: GraphQLObjectType, path: Path): [GraphQLOutputType, Path][] {
  return Object.values(type.getFields())
    .filter((field) => !field.args.some(isRequiredArgument))
    .map((field) => [field.type, [...path, { type: type.name, field: field.name }]]);
}
