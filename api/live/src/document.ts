import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationTypeNode,
  parse,
  validate,
} from "graphql";
import { coded } from "./errors.ts";

/** A document that may run, or why it may not. */
export type Checked =
  | { readonly document: DocumentNode; readonly errors: null }
  | { readonly document: DocumentNode | null; readonly errors: readonly GraphQLError[] };

/** A longer text (characters) is checked each time: what strangers send must not fill the memory. */
const LONGEST_KEPT = 16 * 1024;

/** Parsing and validating a document costs as much as a few batches: dashboards send the same few over and over. */
export class Documents {
  readonly #schema: GraphQLSchema;
  readonly #maxTokens: number;
  readonly #cache = new Map<string, Checked>();
  readonly #size: number;

  constructor(schema: GraphQLSchema, maxTokens: number, size = 500) {
    this.#schema = schema;
    this.#maxTokens = maxTokens;
    this.#size = size;
  }

  check(query: string): Checked {
    const known = this.#cache.get(query);
    if (known) {
      // Back to the young end: the oldest goes first.
      this.#cache.delete(query);
      this.#cache.set(query, known);
      return known;
    }
    const checked = this.#checkAnew(query);
    if (query.length > LONGEST_KEPT) return checked;
    this.#cache.set(query, checked);
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > this.#size && oldest !== undefined) this.#cache.delete(oldest);
    return checked;
  }

  #checkAnew(query: string): Checked {
    let document: DocumentNode;
    try {
      document = parse(query, { maxTokens: this.#maxTokens });
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return { document: null, errors: [withCode(error, "GRAPHQL_PARSE_FAILED")] };
    }
    const errors = validate(this.#schema, document);
    if (errors.length === 0) return { document, errors: null };
    return { document, errors: errors.map((error) => withCode(error, "GRAPHQL_VALIDATION_FAILED")) };
  }
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  const { message, nodes, source, positions } = error;
  return new GraphQLError(message, { nodes, source, positions, extensions: { code } });
}

/** What the operation is; null when the document does not say which one to run. */
export function operationType(document: DocumentNode, name?: string | null): OperationTypeNode | null {
  return getOperationAST(document, name)?.operation ?? null;
}

/** Why an operation may not run on a stream transport; null: it may. */
export function refusal(document: DocumentNode, name?: string | null): GraphQLError | null {
  const type = operationType(document, name);
  if (type === "subscription") return null;
  if (type === null) return coded("The document does not say which operation to run.", "BAD_REQUEST");
  return coded(
    `This is a ${type}: only subscriptions run here, send it to POST /graphql.`,
    "SUBSCRIPTIONS_ONLY",
  );
}
