import { jsonExcess } from "@shiplog/core";
import { documentIdOf } from "../document.ts";

/** A GraphQL request as it came over HTTP. */
export interface StreamQuery {
  /** Empty when the document is named by its id. */
  readonly query: string;
  readonly documentId: string | null;
  readonly operationName: string | null;
  readonly variables: Record<string, unknown> | null;
}

/**
 * Null when it asks for no event stream, or is no GraphQL request at all: somebody else answers it. By GET nobody else
 * does: what cannot be read is malformed.
 */
export async function readStreamQuery(request: Request): Promise<StreamQuery | "malformed" | null> {
  if (!/\btext\/event-stream\b/i.test(request.headers.get("accept") ?? "")) return null;
  try {
    switch (request.method) {
      case "GET": {
        const { searchParams: asked } = new URL(request.url);
        const query = queryOf({
          query: asked.get("query") ?? undefined,
          documentId: asked.get("documentId") ?? undefined,
          operationName: asked.get("operationName"),
          variables: parse(asked.get("variables") || "null"),
          extensions: parse(asked.get("extensions") || "null"),
        });
        return query ?? "malformed";
      }
      case "POST":
        // A copy: whoever answers it instead reads the body again.
        return queryOf(parse(await request.clone().text()));
      default:
        return null;
    }
  } catch (error) {
    if (error instanceof SyntaxError) return request.method === "GET" ? "malformed" : null;
    throw error;
  }
}

/** Throws a SyntaxError also for what is JSON beyond measure. */
function parse(text: string): unknown {
  const excess = jsonExcess(text);
  if (excess) throw new SyntaxError(`more ${excess} than a request may have`);
  return JSON.parse(text);
}

function queryOf(body: unknown): StreamQuery | null {
  if (typeof body !== "object" || body === null) return null;
  const given = body as Record<string, unknown>;
  const {
    query = "",
    documentId = documentIdOf(given.extensions),
    operationName = null,
    variables = null,
  } = given;
  if (typeof query !== "string" || !isOptional(documentId, "string")) return null;
  if (!isOptional(operationName, "string") || !isOptional(variables, "object")) return null;
  return {
    query,
    documentId: documentId as string | null,
    operationName: operationName as string | null,
    variables: variables as Record<string, unknown> | null,
  };
}

function isOptional(value: unknown, type: "string" | "object"): boolean {
  return value === null || (typeof value === type && !Array.isArray(value));
}
