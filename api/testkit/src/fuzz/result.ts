import {
  type DocumentNode,
  type FieldNode,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from "graphql";

const isText = (value: unknown) => typeof value === "string";
const matches = (pattern: RegExp) => (value: unknown) => typeof value === "string" && pattern.test(value);

/** What each scalar looks like in JSON, by its description. */
const SCALARS: Readonly<Record<string, (value: unknown) => boolean>> = {
  ID: isText,
  String: isText,
  Boolean: (value) => typeof value === "boolean",
  Int: (value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31,
  Float: (value) => Number.isFinite(value),
  DateTime: matches(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  BigInt: matches(/^-?\d{1,19}$/),
  USD: matches(/^-?\d+(\.\d{1,9})?$/),
  JSON: () => true,
};

type Members = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is wrong with the answer to a document that is valid: a line for each. */
export function problemsOf(schema: GraphQLSchema, document: DocumentNode, answer: unknown): string[] {
  const problems = shapeProblems(answer);
  if (problems.length > 0 || !isRecord(answer) || !isRecord(answer.data)) return problems;
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return ["not an operation"];
  const root = schema.getRootType(operation.operation);
  return root ? new Check(schema).object(root, [operation.selectionSet], answer.data, "data") : ["no root"];
}

/** What is wrong with an answer whatever was asked. */
export function shapeProblems(answer: unknown): string[] {
  if (!isRecord(answer)) return ["not an object"];
  const problems = Object.keys(answer)
    .filter((key) => !["data", "errors", "extensions"].includes(key))
    .map((key) => `a member ${key}`);
  const { data, errors } = answer;
  if (errors === undefined) return isRecord(data) ? problems : [...problems, "neither data nor errors"];
  if (!Array.isArray(errors) || errors.length === 0) return [...problems, "errors are no list of some"];
  return [...problems, ...errors.flatMap(errorProblems)];
}

function errorProblems(error: unknown): string[] {
  if (!isRecord(error)) return ["an error is no object"];
  const { message, extensions, path = [], locations = [] } = error;
  const code = isRecord(extensions) ? extensions.code : undefined;
  return [
    ...Object.keys(error).filter((key) => !["message", "extensions", "path", "locations"].includes(key)),
    ...(typeof message === "string" && message !== "" ? [] : ["an error without a message"]),
    ...(Array.isArray(path) && Array.isArray(locations) ? [] : ["a path or locations that are no list"]),
    ...(code === "INTERNAL_SERVER_ERROR" ? ["an unexpected error"] : []),
  ];
}

/** Holds values against the types of the schema. */
class Check {
  readonly #schema: GraphQLSchema;

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  object(type: GraphQLObjectType, sets: readonly SelectionSetNode[], value: Members, at: string): string[] {
    const fields = this.#collect(type, sets);
    const extra = Object.keys(value).filter((key) => !fields.has(key));
    const problems = extra.map((key) => `${at}.${key} was not asked for`);
    for (const [key, nodes] of fields) {
      const name = nodes[0]?.name.value ?? "";
      const place = `${at}.${key}`;
      if (!Object.hasOwn(value, key)) problems.push(`${place} is missing`);
      else if (name === "__typename")
        problems.push(...(value[key] === type.name ? [] : [`${place} is wrong`]));
      else {
        const field = type.getFields()[name];
        const inner = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
        if (field) problems.push(...this.#value(field.type, inner, value[key], place));
        else problems.push(`${place} is no field of ${type.name}`);
      }
    }
    return problems;
  }

  /** The fields that an object of that type answers, by key. */
  #collect(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Map<string, FieldNode[]> {
    const fields = new Map<string, FieldNode[]>();
    for (const node of sets.flatMap(({ selections }) => selections)) {
      if (node.kind === Kind.FIELD) {
        const key = node.alias?.value ?? node.name.value;
        fields.set(key, [...(fields.get(key) ?? []), node]);
      } else if (node.kind === Kind.INLINE_FRAGMENT && this.#applies(type, node.typeCondition?.name.value)) {
        for (const [key, nodes] of this.#collect(type, [node.selectionSet])) {
          fields.set(key, [...(fields.get(key) ?? []), ...nodes]);
        }
      }
    }
    return fields;
  }

  #applies(type: GraphQLObjectType, condition: string | undefined): boolean {
    if (condition === undefined || condition === type.name) return true;
    const wanted = this.#schema.getType(condition);
    return isAbstractType(wanted) && this.#schema.isSubType(wanted, type);
  }

  #value(type: GraphQLOutputType, sets: readonly SelectionSetNode[], value: unknown, at: string): string[] {
    if (isNonNullType(type)) {
      return value === null ? [`${at} is null`] : this.#value(type.ofType, sets, value, at);
    }
    if (value === null) return [];
    if (isListType(type)) {
      if (!Array.isArray(value)) return [`${at} is no list`];
      return value.flatMap((one, index) => this.#value(type.ofType, sets, one, `${at}.${index}`));
    }
    if (isLeafType(type))
      return fits(type, value) ? [] : [`${at} is no ${type.name}: ${JSON.stringify(value)}`];
    if (!isRecord(value)) return [`${at} is no object`];
    const actual = isObjectType(type) ? type : this.#schema.getType(String(value.__typename));
    if (!isObjectType(actual)) return [`${at} is of no type: ${value.__typename}`];
    if (isAbstractType(type) && !this.#schema.isSubType(type, actual)) return [`${at} is no ${type.name}`];
    return this.object(actual, sets, value, at);
  }
}

function fits(type: GraphQLLeafType, value: unknown): boolean {
  if (isEnumType(type)) return typeof value === "string" && type.getValue(value) !== undefined;
  return SCALARS[type.name]?.(value) ?? false;
}
