import { AsyncLocalStorage } from "node:async_hooks";
import { type Actor, DomainError, type Log, type Origin } from "@shiplog/core";
import { isOutage } from "@shiplog/core/live";
import type { Accepted, Asked } from "@shiplog/live";
import type { GraphQLContext } from "@shiplog/schema";
import { GraphQLError, type GraphQLSchema } from "graphql";
import { createYoga, type Plugin, type YogaServerInstance } from "graphql-yoga";
import { OPERATION_MS, withinTime } from "./deadline.ts";

/** What the HTTP edge found out about a request before GraphQL sees it. */
export interface Caller {
  readonly actor: Actor | null;
  readonly requestId: string;
  readonly asked: Asked;
  readonly checked: Accepted;
  readonly rate: GraphQLContext["rate"];
  /** Where the request came from, for the audit log. */
  readonly origin: Origin;
}

export interface GraphQLOptions {
  readonly schema: GraphQLSchema;
  readonly log: Log;
  /** Watches operations from outside; see operations.ts. */
  readonly operations?: Plugin;
  readonly contextFor: (caller: Caller) => GraphQLContext;
  /** What an operation may take (ms). */
  readonly timeoutMs?: number;
}

/** The correlation id of the request at hand: errors are masked without their context. */
const REQUEST = new AsyncLocalStorage<string>();

/** The document was read, judged and charged before: Yoga runs it. */
const judged: Plugin<object, Caller & GraphQLContext> = {
  onRequestParse({ serverContext, setRequestParser }) {
    const { requestId, asked, checked } = serverContext as unknown as Caller;
    REQUEST.enterWith(requestId);
    const { operationName, variables } = asked;
    setRequestParser(() => ({
      query: checked.text,
      operationName: operationName ?? undefined,
      variables: (variables ?? undefined) as Record<string, unknown> | undefined,
    }));
  },
  onParse({ context, setParsedDocument }) {
    setParsedDocument((context as unknown as Caller).checked.document);
  },
  onValidate({ setResult }) {
    setResult([]);
  },
};

/** Ends an operation that takes too long, and what it has running in the database. */
function deadline(ms: number): Plugin {
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn(async (args) => {
        try {
          return await withinTime(ms, () => executeFn(args));
        } catch (error) {
          if (error instanceof GraphQLError) return { errors: [error] };
          throw error;
        }
      });
    },
  };
}

export type GraphQLServer = YogaServerInstance<Caller, GraphQLContext>;

/**
 * Queries and mutations over HTTP. Expected errors keep their code; anything else is masked and logged with the
 * correlation id, which the answer carries too.
 */
export function createGraphQL({
  schema,
  log,
  operations,
  contextFor,
  timeoutMs = OPERATION_MS,
}: GraphQLOptions): GraphQLServer {
  return createYoga<Caller, GraphQLContext>({
    schema,
    graphqlEndpoint: "/graphql",
    // GraphiQL is a page of our own; see graphiql.ts.
    graphiql: false,
    landingPage: false,
    // The dashboard is of the same origin; other origins are answered by the edge, not by the default that
    // reflects any of them.
    cors: false,
    multipart: false,
    batching: false,
    parserAndValidationCache: false,
    plugins: [judged, deadline(timeoutMs), ...(operations ? [operations] : [])],
    logging: false,
    context: (initial) => contextFor(initial),
    maskedErrors: { maskError: (error) => mask(error, log) },
  });
}

/** To whoever asks while the database is out of reach. */
export const AWAY = "The database cannot be reached. Try again in a moment.";

/** The error as a caller may see it; what is hidden goes to the log. */
function mask(error: unknown, log: Log): GraphQLError {
  if (!(error instanceof GraphQLError)) return hidden(error, log);
  const { originalError } = error;
  if (!originalError || originalError instanceof GraphQLError) return error;
  const { nodes, source, positions, path } = error;
  if (isOutage(originalError)) {
    log.warn({ error, path, requestId: REQUEST.getStore() }, "a GraphQL operation lost its database");
    return new GraphQLError(AWAY, { nodes, source, positions, path, extensions: { code: "UNAVAILABLE" } });
  }
  if (!(originalError instanceof DomainError)) return hidden(error, log, error);
  const extensions = { code: originalError.code };
  return new GraphQLError(originalError.message, { nodes, source, positions, path, extensions });
}

function hidden(error: unknown, log: Log, place?: GraphQLError): GraphQLError {
  const reference = REQUEST.getStore();
  log.error({ error, path: place?.path, requestId: reference }, "a GraphQL operation failed unexpectedly");
  return new GraphQLError("Unexpected error.", {
    nodes: place?.nodes,
    path: place?.path,
    extensions: { code: "INTERNAL_SERVER_ERROR", reference },
  });
}
