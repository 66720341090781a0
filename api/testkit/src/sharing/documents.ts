import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from "graphql";
import { type Path, pathsFrom } from "./paths.ts";

/** Numbers in [0, 1) from a seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const DEEPEST = 3;
const MOST_FIELDS = 5;
/** Below what a document may hold. */
const MOST_ALIASES = 28;

/** Where a stream is asked for: the field, and its argument that names the stream. */
export interface Root {
  readonly root: string;
  readonly argument: string;
}

type Field = GraphQLField<unknown, unknown>;

const isLeaf = ({ type }: Field) => isLeafType(getNamedType(type));
const plain = (type: GraphQLObjectType): Field[] =>
  Object.values(type.getFields()).filter((field) => !field.args.some(isRequiredArgument));

/** Documents of one of the streams, with every field that needs no argument. They take $id, $after, $tail, $flag and $n. */
export class DocumentMaker {
  readonly #schema: GraphQLSchema;
  readonly #next: () => number;
  #aliases = 0;
  #fragments: string[] = [];

  constructor(schema: GraphQLSchema, next: () => number) {
    this.#schema = schema;
    this.#next = next;
  }

  /** One with a random selection: aliases, fragments, directives and arguments by variables. */
  make(at: Root): string {
    return this.#document(at, () => this.#of(this.#events(at), DEEPEST));
  }

  /** Asks for every own field of some types, along the shortest ways to them. */
  cover(at: Root, types: readonly (readonly [type: string, path: Path])[]): string {
    return this.#document(at, () => {
      const parts = types.map(([type, path]) =>
        this.#along(path, this.#schema.getType(type) as GraphQLObjectType),
      );
      return `{ __typename ${parts.join(" ")} }`;
    });
  }

  /** The object types that the stream's events lead to. */
  paths(at: Root): [type: string, path: Path][] {
    return [...pathsFrom(this.#schema, this.#events(at))];
  }

  #events({ root }: Root): GraphQLOutputType {
    const batch = getNamedType(this.#schema.getSubscriptionType()?.getFields()[root]?.type);
    return ((batch as GraphQLObjectType).getFields().events as Field).type;
  }

  #document({ root, argument }: Root, selection: () => string): string {
    this.#aliases = 0;
    this.#fragments = [];
    const events = selection();
    const fragments = this.#fragments.join("\n");
    const n = (events + fragments).includes("$n") ? ", $n: Int" : "";
    return `subscription ($id: ID!, $after: String, $tail: Int, $flag: Boolean!${n}) {
      batch: ${root}(${argument}: $id, after: $after, tail: $tail) {
        cursor caughtUp @include(if: $flag) reset events ${events}
      }
    }
    ${fragments}`;
  }

  #along([step, ...rest]: Path, type: GraphQLObjectType, nested = false): string {
    if (step) {
      const below = this.#along(rest, type, true);
      return `... on ${step.type} { ${this.#alias()}: ${step.field} { __typename ${below} } }`;
    }
    // Where types stand side by side, each field has a name of its own, or some would not merge.
    const fields = plain(type).filter(isLeaf);
    const texts = fields.map(({ name }) => (nested ? name : `${this.#alias()}: ${name}`));
    return `... on ${type.name} { ${texts.join(" ")} }`;
  }

  #alias(): string {
    return `f${++this.#aliases}`;
  }

  #of(type: GraphQLOutputType, depth: number): string {
    const named = getNamedType(type);
    if (isObjectType(named)) return this.#spread(named, `{ ${this.#fields(named, depth)} }`);
    if (!isAbstractType(named)) return "";
    const parts = this.#schema
      .getPossibleTypes(named)
      .filter(() => this.#next() < 0.8)
      .map((possible) => `... on ${possible.name} { ${this.#fields(possible, depth)} }`);
    return `{ __typename ${parts.join(" ")} }`;
  }

  /** The same selection, now and then by a fragment's name. */
  #spread({ name }: GraphQLObjectType, selection: string): string {
    if (this.#next() < 0.8) return selection;
    const fragment = `F${this.#fragments.length}`;
    this.#fragments.push(`fragment ${fragment} on ${name} ${selection}`);
    return `{ ...${fragment} }`;
  }

  #fields(type: GraphQLObjectType, depth: number): string {
    const fields = plain(type).filter((field) => depth > 0 || isLeaf(field));
    const count = 1 + Math.floor(this.#next() * MOST_FIELDS);
    const chosen = Array.from({ length: count }, () => fields[Math.floor(this.#next() * fields.length)]);
    const texts = chosen.flatMap((field) =>
      field && this.#aliases < MOST_ALIASES ? this.#field(field, depth) : [],
    );
    return ["__typename", ...texts].join(" ");
  }

  /** Under a name of its own: fields of one name and several types do not merge. */
  #field(field: Field, depth: number): string {
    const alias = this.#alias();
    const first = field.args.some(({ name }) => name === "first") && this.#next() < 0.5;
    const chance = this.#next();
    const directive = chance < 0.1 ? " @include(if: $flag)" : chance < 0.2 ? " @skip(if: $flag)" : "";
    const below = isLeaf(field) ? "" : ` ${this.#of(field.type, depth - 1)}`;
    return `${alias}: ${field.name}${first ? "(first: $n)" : ""}${directive}${below}`;
  }
}
