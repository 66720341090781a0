import { JSON_LIMITS, jsonExcess } from "@shiplog/core";
import { type Asked, documentIdOf } from "@shiplog/live";

/** What a body that is not a GraphQL request lacks. */
export class ParamsError extends Error {
  override readonly name = "ParamsError";
}

function optional(value: unknown, type: "string" | "object", name: string): void {
  if (value === undefined || value === null || (typeof value === type && !Array.isArray(value))) return;
  throw new ParamsError(`\`${name}\` must be ${type === "string" ? "a string" : "an object"}.`);
}

/** The parameters of `POST /graphql`; throws ParamsError. Several at once are refused: limits are per operation. */
export function readParams(text: string): Asked {
  const excess = jsonExcess(text);
  if (excess)
    throw new ParamsError(`The body exceeds the ${excess} that JSON may have here (${JSON_LIMITS[excess]}).`);
  const body = parse(text);
  if (Array.isArray(body)) throw new ParamsError("Send one operation a request; batches are not taken.");
  if (typeof body !== "object" || body === null) throw new ParamsError("The body must be a JSON object.");
  const { query, documentId, operationName, variables, extensions } = body as Record<string, unknown>;
  optional(query, "string", "query");
  optional(documentId, "string", "documentId");
  optional(operationName, "string", "operationName");
  optional(variables, "object", "variables");
  optional(extensions, "object", "extensions");
  const id = documentId ?? documentIdOf(extensions);
  if (!query && !id) throw new ParamsError("Send `query`, or the `documentId` of a trusted document.");
  return { query: query ?? "", documentId: id, operationName, variables } as Asked;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ParamsError("The body is not JSON.");
  }
}
