import { createSchema } from "@shiplog/schema";
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";

/** A deterministic source of choices. */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  /** 0 <= x < 1; mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)] as T;
  }
  chance(share: number): boolean {
    return this.next() < share;
  }
}

/** What arguments are made of; every one of them may be the other tenant's. */
export interface Values {
  /** An id for an argument of that name of that field. */
  id(random: Random, field: string, argument: string): string;
  cursor(random: Random, field: string, argument: string): string;
  /** What an argument of that name may hold beside ids, a slug for one; undefined: anything. */
  text(random: Random, field: string, argument: string): unknown;
  /** Of a scalar type that is neither a text nor an id; absent, or undefined: something small, or nothing. */
  scalar?(random: Random, type: string): unknown;
}

export interface Generated {
  readonly kind: "query" | "mutation" | "subscription";
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const DEPTH = 4;
const MOST_ELEMENTS = 4;
const TEXTS: Readonly<Record<string, unknown>> = {
  email: "somebody@example.org",
  role: "viewer",
  tool: "claude",
  path: "/srv",
  scopes: ["agent:read"],
};

const CURSORS = new Set(["after", "before"]);

/** One operation of the real schema with random selections and arguments; of any kind unless one is given. */
export function generate(random: Random, values: Values, only?: Generated["kind"]): Generated {
  const at = random.next();
  const kind = only ?? (at < 0.7 ? "query" : at < 0.85 ? "mutation" : "subscription");
  return new Generator(random, values).operation(kind);
}

const ROOTS = { query: "Query", mutation: "Mutation", subscription: "Subscription" } as const;

class Generator {
  readonly #random: Random;
  readonly #values: Values;
  readonly #schema = createSchema();
  readonly #variables: Record<string, unknown> = {};
  readonly #declared: string[] = [];

  constructor(random: Random, values: Values) {
    this.#random = random;
    this.#values = values;
  }

  operation(kind: Generated["kind"]): Generated {
    const type = this.#schema.getType(ROOTS[kind]) as GraphQLObjectType;
    const field = this.#random.pick(Object.values(type.getFields()));
    const text = this.#field(field, DEPTH);
    const head = this.#declared.length > 0 ? `(${this.#declared.join(", ")})` : "";
    return { kind, document: `${kind} ${head} { ${text} }`, variables: this.#variables };
  }

  #leavesOut({ name, type }: GraphQLArgument): boolean {
    if (isNonNullType(type)) return false;
    if (name === "last") return true;
    if (name === "before") return this.#random.chance(0.8);
    if (name === "after") return this.#random.chance(0.5);
    // Not together with `after`.
    if (name === "tail") return this.#random.chance(0.9);
    return !/^(id|projectId|first|slug)$/.test(name) && this.#random.chance(0.7);
  }

  #argument(field: string, argument: GraphQLArgument): string | null {
    if (this.#leavesOut(argument)) return null;
    const value = this.#value(field, argument.name, argument.type);
    if (value === undefined) return null;
    const variable = `v${this.#declared.length}`;
    this.#declared.push(`$${variable}: ${argument.type}`);
    this.#variables[variable] = value;
    return `${argument.name}: $${variable}`;
  }

  #value(field: string, name: string, wanted: GraphQLInputType): unknown {
    if (isNonNullType(wanted)) return this.#value(field, name, wanted.ofType);
    if (isListType(wanted)) {
      if (name === "scopes") return TEXTS.scopes;
      const length = 1 + Math.floor(this.#random.next() * MOST_ELEMENTS);
      return Array.from({ length }, () => this.#value(field, name, wanted.ofType));
    }
    if (isEnumType(wanted)) return this.#random.pick(wanted.getValues()).name;
    if (isInputObjectType(wanted)) {
      const values = this.#given(wanted).map((of) => [of.name, this.#value(field, of.name, of.type)]);
      return Object.fromEntries(values.filter(([, value]) => value !== undefined));
    }
    return this.#scalar(field, name, wanted.name);
  }

  /** The fields of an input that are filled in. */
  #given(input: GraphQLInputObjectType): GraphQLInputField[] {
    const fields = Object.values(input.getFields());
    if (input.isOneOf) return [this.#random.pick(fields)];
    return fields.filter(
      ({ type }) => isNonNullType(type) || this.#random.chance(String(type) === "ID" ? 0.6 : 0.1),
    );
  }

  #scalar(field: string, name: string, type: string): unknown {
    const given = this.#values.scalar?.(this.#random, type);
    if (given !== undefined) return given;
    switch (type) {
      case "ID":
        return this.#values.id(this.#random, field, name);
      case "Int":
        return 1 + Math.floor(this.#random.next() * 5);
      case "Boolean":
        return this.#random.chance(0.5);
      case "String":
        if (CURSORS.has(name)) return this.#values.cursor(this.#random, field, name);
        return this.#values.text(this.#random, field, name) ?? TEXTS[name] ?? "text";
      default:
        return undefined;
    }
  }

  #selection(of: GraphQLOutputType, depth: number): string {
    const named = getNamedType(of);
    if (!isCompositeType(named)) return "";
    if (isObjectType(named)) return `{ __typename ${this.#fields(Object.values(named.getFields()), depth)} }`;
    const possible = this.#schema.getPossibleTypes(named);
    const some = possible.filter(() => this.#random.chance(Math.max(0.5, 3 / possible.length)));
    const parts = some.map(
      (type) => `... on ${type.name} ${aliased(this.#selection(type, depth), type.name)}`,
    );
    const failures = possible.some((type) => type.getInterfaces().some(({ name }) => name === "Error"));
    return `{ __typename ${failures ? "... on Error { message } " : ""}${parts.join(" ")} }`;
  }

  #fields(fields: readonly GraphQLField<unknown, unknown>[], depth: number): string {
    const fit = fields.filter((field) => depth > 1 || !isCompositeType(getNamedType(field.type)));
    // By its id an object is told, whatever else is asked of it.
    const some = fit.filter(
      ({ name }) => name === "id" || this.#random.chance(Math.min(0.6, 5 / fit.length)),
    );
    const chosen = some.length > 0 ? some : fit.slice(0, 1);
    return chosen.map((field) => this.#field(field, depth)).join(" ");
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const given = field.args.map((arg) => this.#argument(field.name, arg)).filter((text) => text !== null);
    const args = given.length > 0 ? `(${given.join(", ")})` : "";
    return `${field.name}${args} ${this.#selection(field.type, depth - 1)}`;
  }
}

/** Fields of the same name on several types may have other types or arguments: each gets a name of its own. */
function aliased(selection: string, type: string): string {
  let depth = 0;
  return selection.replace(/[{}()]|\b[a-z_]\w*(?=[ (])/g, (part, at: number) => {
    if (part === "{" || part === "(") depth++;
    else if (part === "}" || part === ")") depth--;
    else if (depth === 1 && part !== "__typename" && selection[at - 1] !== "$")
      return `${type}_${part}: ${part}`;
    return part;
  });
}
