import { DeadlineError, withDeadline } from "@shiplog/db";
import { GraphQLError } from "graphql";

/** What a GraphQL operation, the opening of a stream or a batch of one may take (ms). */
export const OPERATION_MS = 10_000;

/** Runs an operation; one that takes too long is stopped, in the database too, and fails with OPERATION_TIMEOUT. */
export function withinTime<T>(ms: number, work: () => T | Promise<T>): T | Promise<T> {
  const result = withDeadline(ms, work);
  return result instanceof Promise ? result.catch((error) => tellLate(ms, error)) : result;
}

function tellLate(ms: number, error: unknown): never {
  if (!(error instanceof DeadlineError)) throw error;
  const message = `The operation took longer than ${ms / 1_000} s and was stopped. Ask for less at a time.`;
  throw new GraphQLError(message, { extensions: { code: "OPERATION_TIMEOUT" } });
}
