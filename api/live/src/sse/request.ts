/** A GraphQL request as it came over HTTP. */
export interface StreamQuery {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Record<string, unknown> | null;
}

/** Null when it asks for no event stream, or is no GraphQL request at all: somebody else answers it. */
export async function readStreamQuery(request: Request): Promise<StreamQuery | null> {
  if (!/\btext\/event-stream\b/i.test(request.headers.get("accept") ?? "")) return null;
  try {
    switch (request.method) {
      case "GET": {
        const { searchParams: asked } = new URL(request.url);
        const variables = JSON.parse(asked.get("variables") || "null") as unknown;
        return queryOf({ query: asked.get("query"), operationName: asked.get("operationName"), variables });
      }
      case "POST":
        // A copy: whoever answers it instead reads the body again.
        return queryOf(await request.clone().json());
      default:
        return null;
    }
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function queryOf(body: unknown): StreamQuery | null {
  if (typeof body !== "object" || body === null) return null;
  const { query, operationName = null, variables = null } = body as Record<string, unknown>;
  if (typeof query !== "string" || !isOptional(operationName, "string") || !isOptional(variables, "object"))
    return null;
  return {
    query,
    operationName: operationName as string | null,
    variables: variables as Record<string, unknown> | null,
  };
}

function isOptional(value: unknown, type: "string" | "object"): boolean {
  return value === null || (typeof value === type && !Array.isArray(value));
}
