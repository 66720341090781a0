import { type DocumentNode, type ExecutionResult, execute, type GraphQLSchema } from "graphql";
import { type CompiledQuery, compileQuery, isCompiledQuery } from "graphql-jit";

/** What one execution of a checked document is given. */
export interface Execution {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName: string | null;
  readonly rootValue: unknown;
  readonly contextValue: unknown;
  readonly variableValues: Readonly<Record<string, unknown>> | null;
  /** At which execution of the document it is compiled. */
  readonly compileAt: number;
}

interface Known {
  executions: number;
  /** Null: not yet, or it cannot be. */
  compiled: CompiledQuery | null;
}

/** By their documents, of which the one judge of documents keeps a bounded number. */
const KNOWN = new WeakMap<DocumentNode, Map<string, Known>>();

/**
 * GraphQL's `execute`, for documents that are executed over and over: a stream's document runs once per batch as long
 * as somebody reads it, and most of what the interpreter does is the same each time.
 */
export function executeOften(execution: Execution): ExecutionResult | Promise<ExecutionResult> {
  const { schema, document, operationName, rootValue, contextValue, variableValues } = execution;
  const known = knownOf(document, operationName);
  if (++known.executions === execution.compileAt) known.compiled = compiled(schema, document, operationName);
  if (known.compiled) return known.compiled.query(rootValue, contextValue, variableValues);
  return execute({ schema, document, operationName, rootValue, contextValue, variableValues });
}

function knownOf(document: DocumentNode, operationName: string | null): Known {
  const operations = KNOWN.get(document) ?? new Map<string, Known>();
  KNOWN.set(document, operations);
  const known = operations.get(operationName ?? "") ?? { executions: 0, compiled: null };
  operations.set(operationName ?? "", known);
  return known;
}

function compiled(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null,
): CompiledQuery | null {
  const made = compileQuery(schema, document, operationName ?? undefined, {
    // Without it, @skip and @include of a spread are mistaken for those of the fields in it.
    useExperimentalPathBasedSkipInclude: true,
  });
  return isCompiledQuery(made) ? made : null;
}
