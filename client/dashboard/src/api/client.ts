import { Client, cacheExchange, fetchExchange } from "@urql/core";
import { authFetch } from "./session.ts";

/** The one GraphQL client: document cache for pages. Streams never pass through it. */
export const client = new Client({
  url: "/graphql",
  exchanges: [cacheExchange, fetchExchange],
  fetch: authFetch,
  preferGetMethod: false,
});

/** A typed document: carries result and variables in its type, and is a plain string. */
export interface Doc<Result, Variables> {
  __apiType?: (variables: Variables) => Result;
}
export type Vars = Record<string, unknown>;
