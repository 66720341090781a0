import { statusOf } from "@shiplog/live";
import type { GraphQLError } from "graphql";

/** A request that does not reach GraphQL. */
export function refuse(
  status: number,
  code: string,
  message: string,
  more: { readonly reference?: string; readonly headers?: Record<string, string> } = {},
): Response {
  const { reference, headers = {} } = more;
  return Response.json({ errors: [{ message, extensions: { code, reference } }] }, { status, headers });
}

/** Faults of a document. Answered 200 to clients that know plain JSON only: many throw away other bodies unread. */
const OF_DOCUMENT = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "INTROSPECTION_CLOSED",
  "BAD_USER_INPUT",
  "QUERY_TOO_COMPLEX",
  "PERSISTED_QUERY_NOT_FOUND",
]);

/** An operation that was not run, and why. */
export function refuseOperation(
  request: Request,
  errors: readonly GraphQLError[],
  headers: Readonly<Record<string, string>> = {},
): Response {
  const plain = !/\b(graphql-response\+json|event-stream)\b/.test(request.headers.get("accept") ?? "");
  const ofDocument = errors.every(({ extensions }) => OF_DOCUMENT.has(String(extensions.code)));
  const status = plain && ofDocument ? 200 : statusOf(errors);
  return Response.json({ errors }, { status, headers });
}
