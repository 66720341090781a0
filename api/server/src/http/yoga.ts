import { DomainError, type Log } from "@shiplog/core";
import type { GraphQLContext } from "@shiplog/schema";
import { GraphQLError, type GraphQLSchema } from "graphql";
import { createYoga, type YogaServerInstance } from "graphql-yoga";

export interface GraphQLOptions {
  readonly schema: GraphQLSchema;
  readonly log: Log;
  /** Authenticates the request; a failure is an anonymous context, never an error. */
  readonly contextFor: (request: Request, requestId: string) => Promise<GraphQLContext>;
}

interface Transport {
  readonly requestId: string;
}

export type GraphQLServer = YogaServerInstance<Transport, GraphQLContext>;

/**
 * Queries and mutations over HTTP. Expected errors keep their code; anything else is masked and logged with the
 * correlation id, which the answer carries too.
 */
export function createGraphQL({ schema, log, contextFor }: GraphQLOptions): GraphQLServer {
  return createYoga<Transport, GraphQLContext>({
    schema,
    graphqlEndpoint: "/graphql",
    // GraphiQL is a page of our own; see graphiql.ts.
    graphiql: false,
    landingPage: false,
    // The dashboard is of the same origin; other browsers' origins get no CORS headers at all.
    cors: false,
    multipart: false,
    batching: false,
    logging: false,
    context: ({ request, requestId }) => contextFor(request, requestId),
    maskedErrors: {
      maskError: (error) => maskError(error, log),
    },
  });
}

function maskError(error: unknown, log: Log): GraphQLError {
  if (!(error instanceof GraphQLError)) return hidden(error, log);
  const { originalError } = error;
  if (!originalError || originalError instanceof GraphQLError) return error;
  if (originalError instanceof DomainError) {
    const { nodes, source, positions, path } = error;
    const extensions = { code: originalError.code };
    return new GraphQLError(originalError.message, { nodes, source, positions, path, extensions });
  }
  return hidden(error, log, error);
}

function hidden(error: unknown, log: Log, place?: GraphQLError): GraphQLError {
  log.error({ error, path: place?.path }, "a GraphQL operation failed unexpectedly");
  return new GraphQLError("Unexpected error.", {
    nodes: place?.nodes,
    path: place?.path,
    extensions: { code: "INTERNAL_SERVER_ERROR" },
  });
}
