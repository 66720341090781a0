import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";

/** Somewhere in the arguments of a field where a scalar may stand. */
export interface Place {
  /** Type.field, with the way to it in the arguments. */
  readonly name: string;
  readonly scalar: string;
  readonly document: string;
  /** The field's arguments with that value there, and something valid elsewhere. */
  readonly variables: (value: unknown) => Readonly<Record<string, unknown>>;
}

export interface Known {
  /** Of an object of each type that has an id. */
  readonly nodes: Readonly<Record<string, string>>;
  /** A valid value for a text or an id; by the names of the field and of the argument. */
  readonly valueOf: (scalar: string, field: string, argument: string) => unknown;
}

type Leaf = readonly [path: string, scalar: string, set: (value: unknown) => unknown];

const ROOTS: Readonly<Record<string, string>> = {
  Query: "query",
  Mutation: "mutation",
  Subscription: "subscription",
};
/** Inputs do not nest deeper. */
const MOST_DEPTH = 4;

class Places {
  readonly #known: Known;
  readonly #field: string;

  constructor(known: Known, field: string) {
    this.#known = known;
    this.#field = field;
  }

  /** Something that is taken. */
  valid(type: GraphQLInputType, name: string): unknown {
    if (isNonNullType(type)) return this.valid(type.ofType, name);
    if (isListType(type)) return [this.valid(type.ofType, name)];
    if (isEnumType(type)) return type.getValues()[0]?.name;
    if (!isInputObjectType(type)) return this.#known.valueOf(type.name, this.#field, name);
    const fields = Object.values(type.getFields());
    const wanted = type.isOneOf ? fields.slice(0, 1) : fields.filter((one) => isNonNullType(one.type));
    return Object.fromEntries(wanted.map((one) => [one.name, this.valid(one.type, one.name)]));
  }

  /** Every scalar in it. */
  leaves(type: GraphQLInputType, name: string, depth = 0): Leaf[] {
    if (isNonNullType(type)) return this.leaves(type.ofType, name, depth);
    if (isListType(type)) {
      const inner = this.leaves(type.ofType, name, depth);
      return inner.map(([path, scalar, set]) => [`${path}[]`, scalar, (value) => [set(value)]]);
    }
    if (isEnumType(type)) return [];
    if (!isInputObjectType(type)) return [["", type.name, (value) => value]];
    if (depth > MOST_DEPTH) return [];
    const base = type.isOneOf ? {} : (this.valid(type, name) as object);
    return Object.values(type.getFields()).flatMap((one) =>
      this.leaves(one.type, one.name, depth + 1).map(
        ([path, scalar, set]): Leaf => [
          `.${one.name}${path}`,
          scalar,
          (value) => ({ ...base, [one.name]: set(value) }),
        ],
      ),
    );
  }
}

/** An operation that selects a field of that type with all of its arguments as variables; null: there is no way to it. */
function documentOf(type: string, field: GraphQLField<unknown, unknown>, { nodes }: Known): string | null {
  const declared = field.args.map((one) => `$${one.name}: ${one.type}`).join(", ");
  const given = field.args.map(({ name }) => `${name}: $${name}`).join(", ");
  const selected = `${field.name}(${given}) ${isLeafType(getNamedType(field.type)) ? "" : "{ __typename }"}`;
  if (ROOTS[type]) return `${ROOTS[type]}(${declared}) { ${selected} }`;
  if (type === "Viewer") return `query(${declared}) { viewer { ${selected} } }`;
  const id = nodes[type];
  return id ? `query(${declared}) { node(id: "${id}") { ... on ${type} { ${selected} } } }` : null;
}

/** Of every field of the schema every place in its arguments; `unreached` tells fields that nothing leads to. */
export function placesOf(schema: GraphQLSchema, known: Known): { places: Place[]; unreached: string[] } {
  const places: Place[] = [];
  const unreached: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    for (const field of Object.values(type.getFields()).filter(({ args }) => args.length > 0)) {
      const document = documentOf(type.name, field, known);
      if (!document) {
        unreached.push(`${type.name}.${field.name}`);
        continue;
      }
      const made = new Places(known, field.name);
      const needed = field.args.filter((one) => isNonNullType(one.type));
      const base = Object.fromEntries(needed.map((one) => [one.name, made.valid(one.type, one.name)]));
      for (const argument of field.args) {
        for (const [path, scalar, set] of made.leaves(argument.type, argument.name)) {
          const name = `${type.name}.${field.name} ${argument.name}${path}`;
          const variables = (value: unknown) => ({ ...base, [argument.name]: set(value) });
          places.push({ name, scalar, document, variables });
        }
      }
    }
  }
  return { places, unreached };
}
