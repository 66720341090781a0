import { DomainError, type Log } from "@shiplog/core";
import { isOutage } from "@shiplog/core/live";
import { GraphQLError } from "graphql";

/**
 * An error as a client may see it: expected ones with their code; anything else is masked and logged under the
 * correlation id that the client is given.
 */
export function masked(error: unknown, log: Log, requestId: string): GraphQLError {
  if (error instanceof DomainError) return coded(error.message, error.code);
  if (!(error instanceof GraphQLError)) return hidden(error, log, requestId);
  const { originalError: cause, nodes, path } = error;
  if (!cause || cause instanceof GraphQLError) return error;
  if (!(cause instanceof DomainError)) return hidden(cause, log, requestId, error);
  return new GraphQLError(cause.message, { nodes, path, extensions: { code: cause.code } });
}

/** An error of the transport itself. */
export function coded(message: string, code: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

function hidden(error: unknown, log: Log, requestId: string, place?: GraphQLError): GraphQLError {
  log.error({ error, requestId, path: place?.path }, "a subscription failed unexpectedly");
  const extensions = { code: "INTERNAL_SERVER_ERROR", reference: requestId };
  return new GraphQLError("Unexpected error.", { nodes: place?.nodes, path: place?.path, extensions });
}

/** The database cannot be reached: whoever asks now had better ask again later, rather than give up. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
}

/** As `masked`, but an outage, which is no answer at all, is thrown. */
export function maskedOrThrown(error: unknown, log: Log, requestId: string): GraphQLError {
  if (error instanceof UnavailableError) throw error;
  const cause = error instanceof GraphQLError ? error.originalError : error;
  if (!isOutage(cause)) return masked(error, log, requestId);
  log.warn({ error: cause, requestId }, "a stream could not be opened: no database");
  throw new UnavailableError("The database cannot be reached.");
}

/** HTTP status of an answer that is nothing but these errors. */
export function statusOf(errors: readonly GraphQLError[]): number {
  switch (errors[0]?.extensions.code) {
    case "UNAUTHENTICATED":
      return 401;
    case "FORBIDDEN":
      return 403;
    case "NOT_FOUND":
      return 404;
    case "TOO_MANY_REQUESTS":
      return 429;
    case "INTERNAL_SERVER_ERROR":
      return 500;
    case "OPERATION_TIMEOUT":
      return 503;
    default:
      return 400;
  }
}
