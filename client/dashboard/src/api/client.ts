import { Client, cacheExchange, fetchExchange, mapExchange } from "@urql/core";
import { reloadForNewBuild } from "../app/reload.ts";
import { authFetch } from "./session.ts";

/** The server serves another build than this tab runs, and knows its documents no more, or not yet. */
export const UNKNOWN_DOCUMENT = "PERSISTED_QUERY_NOT_FOUND";

/** The one GraphQL client: document cache for pages. Streams never pass through it. */
export const client = new Client({
  url: "/graphql",
  exchanges: [
    mapExchange({
      onError: ({ graphQLErrors }) => {
        if (graphQLErrors.some((error) => error.extensions.code === UNKNOWN_DOCUMENT)) reloadForNewBuild();
      },
    }),
    cacheExchange,
    fetchExchange,
  ],
  fetch: authFetch,
  preferGetMethod: false,
});

/** A typed document: carries result and variables in its type, and is a plain string. */
export interface Doc<Result, Variables> {
  __apiType?: (variables: Variables) => Result;
}
export type Vars = Record<string, unknown>;

/** The id that a build put in the place of a document; null: it is a text. */
export function idOf(document: string): string | null {
  return document.startsWith("sha256:") ? document : null;
}

/** What the client takes for a document: its text, or a request that names it by its id alone. */
export function requestOf(document: unknown) {
  const text = String(document);
  const documentId = idOf(text);
  return documentId ? ({ kind: "Document", definitions: [], documentId } as const) : text;
}
