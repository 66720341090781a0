import { AsyncLocalStorage } from "node:async_hooks";
import { type Actor, DomainError, type Log } from "@shiplog/core";
import type { GraphQLContext } from "@shiplog/schema";
import { GraphQLError, type GraphQLSchema, parse } from "graphql";
import { createYoga, type Plugin, type YogaServerInstance } from "graphql-yoga";

/** What the HTTP edge found out about a request before GraphQL sees it. */
export interface Caller {
  readonly actor: Actor | null;
  readonly requestId: string;
}

export interface GraphQLOptions {
  readonly schema: GraphQLSchema;
  readonly log: Log;
  readonly contextFor: (caller: Caller) => GraphQLContext;
}

/** The correlation id of the request at hand: errors are masked without their context. */
const REQUEST = new AsyncLocalStorage<string>();

/** As on sockets: the text of a stranger must neither keep the parser busy nor fill its cache. */
const MOST = { characters: 32 * 1024, tokens: 2_000 } as const;

const edge: Plugin<object, Caller> = {
  onRequest({ serverContext }) {
    REQUEST.enterWith(serverContext.requestId);
  },
  onParams({ params }) {
    if ((params.query?.length ?? 0) <= MOST.characters) return;
    throw new GraphQLError(
      `A document has at most ${MOST.characters} characters; send values as variables.`,
      {
        extensions: { code: "DOCUMENT_TOO_LARGE", http: { status: 400 } },
      },
    );
  },
  onParse({ setParseFn }) {
    setParseFn((source, options) => parse(source, { ...options, maxTokens: MOST.tokens }));
  },
};

export type GraphQLServer = YogaServerInstance<Caller, GraphQLContext>;

/**
 * Queries and mutations over HTTP. Expected errors keep their code; anything else is masked and logged with the
 * correlation id, which the answer carries too.
 */
export function createGraphQL({ schema, log, contextFor }: GraphQLOptions): GraphQLServer {
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
    plugins: [edge],
    logging: false,
    context: (initial) => contextFor(initial),
    maskedErrors: { maskError: (error) => mask(error, log) },
  });
}

/** The error as a caller may see it; what is hidden goes to the log. */
function mask(error: unknown, log: Log): GraphQLError {
  // A resolver's error comes wrapped; a bare one of this kind is about the variables of a GET.
  if (error instanceof SyntaxError)
    return new GraphQLError("The variables are not JSON.", {
      extensions: { code: "BAD_REQUEST", http: { status: 400 } },
    });
  if (!(error instanceof GraphQLError)) return hidden(error, log);
  const { originalError } = error;
  if (!originalError || originalError instanceof GraphQLError) return error;
  if (!(originalError instanceof DomainError)) return hidden(error, log, error);
  const { nodes, source, positions, path } = error;
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
