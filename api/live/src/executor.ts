import {
  BREAK,
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  Kind,
  visit,
} from "graphql";
import { type CompiledQuery, compileQuery, isCompiledQuery } from "graphql-jit";
import { ownTurn } from "./turns.ts";

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

/**
 * All that may stand in a document that is compiled. The compiler writes a program, so nothing gets into it that
 * whoever sent the document spelled out but names and numbers: it takes some texts for code. Nor does it know
 * directives well enough: it leaves out what a fragment has elsewhere, and keeps conditions of another operation. Nor
 * defaults of variables that are not sent, or names that objects inherit.
 */
const COMPILED: ReadonlySet<string> = new Set([
  Kind.DOCUMENT,
  Kind.OPERATION_DEFINITION,
  Kind.FRAGMENT_DEFINITION,
  Kind.VARIABLE_DEFINITION,
  Kind.SELECTION_SET,
  Kind.FIELD,
  Kind.FRAGMENT_SPREAD,
  Kind.INLINE_FRAGMENT,
  Kind.ARGUMENT,
  Kind.VARIABLE,
  Kind.NAME,
  Kind.INT,
  Kind.BOOLEAN,
  Kind.NULL,
  Kind.ENUM,
  Kind.NAMED_TYPE,
  Kind.LIST_TYPE,
  Kind.NON_NULL_TYPE,
]);

function isCompiled(document: DocumentNode): boolean {
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  let known = operations.length === 1;
  visit(document, {
    enter: (node) => {
      known &&= COMPILED.has(node.kind);
      if (node.kind === Kind.VARIABLE_DEFINITION) known &&= node.defaultValue === undefined;
      if (node.kind === Kind.NAME) known &&= !(node.value in {});
      return known ? undefined : BREAK;
    },
  });
  return known;
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
  if (++known.executions === execution.compileAt)
    void ownTurn().then(() => {
      known.compiled = compiled(schema, document, operationName);
    });
  const interpret = () =>
    execute({ schema, document, operationName, rootValue, contextValue, variableValues });
  if (!known.compiled) return interpret();
  const exact = (made: ExecutionResult) => (hasNoCause(made) ? interpret() : made);
  const made = known.compiled.query(rootValue, contextValue, variableValues);
  return made instanceof Promise ? made.then(exact) : exact(made);
}

/**
 * The compiler forgets why a null or a value could not be, and a fault of the server would pass for an error that the
 * client may see: the interpreter finds out again.
 */
function hasNoCause({ errors }: ExecutionResult): boolean {
  return errors?.some(({ originalError }) => !originalError) ?? false;
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
  if (!isCompiled(document)) return null;
  const made = compileQuery(schema, document, operationName ?? undefined);
  return isCompiledQuery(made) ? made : null;
}
