import type { GraphQLError } from "graphql";
import { statusOf } from "../errors.ts";

/** What is wrong before the first batch, as a status with the errors. */
export function refused(
  errors: readonly GraphQLError[],
  {
    status = statusOf(errors),
    headers = {},
  }: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Response {
  const always = { "cache-control": "no-store", ...(status === 503 ? { "retry-after": "1" } : {}) };
  return Response.json({ errors }, { status, headers: { ...always, ...headers } });
}
