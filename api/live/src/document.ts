import { createHash } from "node:crypto";
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  type OperationTypeNode,
  parse,
} from "graphql";
import { coded } from "./errors.ts";
import type { Credential } from "./options.ts";
import { DOCUMENT_LIMITS, introspections, violations, withoutHints } from "./rules.ts";

/** What a request for GraphQL names, on every transport. */
export interface Asked {
  /** Empty when only an id is sent. */
  readonly query: string;
  /** `sha256:` and the hash of a trusted document. */
  readonly documentId?: string | null;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

/** An operation that may run. */
export interface Accepted {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly text: string;
  /** It is one of the dashboard's own. */
  readonly trusted: boolean;
  /** Objects that it may touch. */
  readonly cost: number;
  readonly errors: null;
}

/** An operation that may run, or why it may not. */
export type Checked =
  | Accepted
  | { readonly document: DocumentNode | null; readonly errors: readonly GraphQLError[] };

/** What an operation with these variables may cost; throws a GraphQLError when that is too much. */
type Measure = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
) => number;

export interface DocumentOptions {
  readonly schema: GraphQLSchema;
  readonly maxTokens?: number;
  /** Texts of the trusted documents. */
  readonly trusted?: readonly string[];
  /** Whether that caller may send a text of his own; absent: everybody may. */
  readonly mayAdHoc?: (credential: Credential | null) => boolean;
  /** Absent: everything costs nothing. */
  readonly measure?: Measure;
  /** Texts whose findings are kept. */
  readonly size?: number;
}

/** A longer text (characters) is checked each time: what strangers send must not fill the memory. */
const LONGEST_KEPT = 16 * 1024;

/** What was found out about a text, whoever sends it. */
interface Findings {
  readonly document: DocumentNode | null;
  readonly errors: readonly GraphQLError[];
  /** Where it asks for the schema. */
  readonly introspections: readonly GraphQLError[];
}

/**
 * The one place where a document is parsed, validated and judged, for HTTP, sockets and event streams alike.
 * Parsing and validating costs as much as a few batches: dashboards send the same few over and over.
 */
export class Documents {
  readonly #options: DocumentOptions;
  readonly #trusted = new Map<string, string>();
  readonly #trustedTexts: ReadonlySet<string>;
  readonly #cache = new Map<string, Findings>();

  constructor(options: DocumentOptions) {
    this.#options = options;
    const texts = options.trusted ?? [];
    this.#trustedTexts = new Set(texts);
    for (const text of texts) this.#trusted.set(documentId(text), text);
  }

  /** Whether that caller may run that operation, and what it may cost. Never throws for what a caller sent. */
  check(asked: Asked, credential: Credential | null): Checked {
    const text = asked.query || this.#trusted.get(asked.documentId ?? "");
    if (text === undefined) return refused(unknownDocument());
    const trusted = this.#trustedTexts.has(text);
    const barred = trusted ? null : this.#barred(text, credential);
    if (barred) return refused(barred);
    const { document, errors, introspections } = this.#findings(text);
    if (!document || errors.length > 0) return { document, errors };
    // A stranger who may send texts may not read what they could ask for.
    if (!credential && introspections.length > 0) return { document, errors: introspections };
    const operation = getOperationAST(document, asked.operationName);
    if (!operation) return { document, errors: [noOperation(asked.operationName)] };
    try {
      const { schema, measure } = this.#options;
      const cost = measure?.(schema, document, operation, asked.variables ?? {}) ?? 0;
      return { document, operation, text, trusted, cost, errors: null };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return { document, errors: [told(error, "BAD_USER_INPUT")] };
    }
  }

  /** Whether it would have to be parsed and compared, which may take far longer than a batch. */
  isNew({ query }: Asked): boolean {
    return query !== "" && !this.#trustedTexts.has(query) && !this.#cache.has(query);
  }

  /** Before anything is parsed: a stranger shall not keep the parser busy. */
  #barred(text: string, credential: Credential | null): GraphQLError | null {
    if (text.length > DOCUMENT_LIMITS.characters) return tooLong();
    if (this.#options.mayAdHoc?.(credential) ?? true) return null;
    return credential
      ? coded("Only the dashboard's own documents may be sent with this sign-in.", "FORBIDDEN")
      : coded("Sign in, or send an API key.", "UNAUTHENTICATED");
  }

  #findings(text: string): Findings {
    const known = this.#cache.get(text);
    if (known) {
      // Back to the young end: the oldest goes first.
      this.#cache.delete(text);
      this.#cache.set(text, known);
      return known;
    }
    const found = this.#find(text);
    if (text.length > LONGEST_KEPT) return found;
    this.#cache.set(text, found);
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > (this.#options.size ?? 500) && oldest !== undefined) this.#cache.delete(oldest);
    return found;
  }

  #find(text: string): Findings {
    const { schema, maxTokens = DOCUMENT_LIMITS.tokens } = this.#options;
    try {
      const document = parse(text, { maxTokens });
      const errors = violations(schema, document).map((error) => told(error, "GRAPHQL_VALIDATION_FAILED"));
      return {
        document,
        errors,
        introspections:
          errors.length > 0
            ? []
            : introspections(schema, document).map((error) => told(error, "INTROSPECTION_CLOSED")),
      };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return { document: null, errors: [told(error, "GRAPHQL_PARSE_FAILED")], introspections: [] };
    }
  }
}

/** How a trusted document is named: `sha256:` and the hash of its text. */
export function documentId(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** The id in the extensions of a request: plainly, or as clients of persisted queries send it. */
export function documentIdOf(extensions: unknown): string | null {
  const { documentId: id, persistedQuery } = (extensions ?? {}) as Record<string, unknown>;
  if (typeof id === "string") return id;
  const { sha256Hash: hash } = (persistedQuery ?? {}) as Record<string, unknown>;
  return typeof hash === "string" ? `sha256:${hash}` : null;
}

/** The error as it may be told: without hints at the schema, and with a code. */
function told(error: GraphQLError, code: string): GraphQLError {
  const { message, nodes, source, positions, extensions } = error;
  return new GraphQLError(withoutHints(message), {
    nodes,
    source,
    positions,
    extensions: { code, ...extensions },
  });
}

function refused(error: GraphQLError): Checked {
  return { document: null, errors: [error] };
}

function tooLong(): GraphQLError {
  const message = `A document has at most ${DOCUMENT_LIMITS.characters} characters; send values as variables.`;
  return coded(message, "DOCUMENT_TOO_LARGE");
}

/** The code by which clients of persisted documents know that they must send the text, or load themselves anew. */
function unknownDocument(): GraphQLError {
  return coded(
    "This server does not know that document: it serves another build. Reload the page, or send the text.",
    "PERSISTED_QUERY_NOT_FOUND",
  );
}

function noOperation(name: string | null | undefined): GraphQLError {
  const message = name
    ? "The document has no operation of that name."
    : "The document does not say which operation to run.";
  return coded(message, "BAD_REQUEST");
}

/** What the operation is; null when the document does not say which one to run. */
export function operationType(document: DocumentNode, name?: string | null): OperationTypeNode | null {
  return getOperationAST(document, name)?.operation ?? null;
}

/** Why an operation may not run on a stream transport; null: it may. */
export function refusal(document: DocumentNode, name?: string | null): GraphQLError | null {
  const type = operationType(document, name);
  if (type === "subscription") return null;
  if (type === null) return noOperation(name);
  return coded(
    `This is a ${type}: only subscriptions run here, send it to POST /graphql.`,
    "SUBSCRIPTIONS_ONLY",
  );
}
