import type { CombinedError } from "@urql/core";

/** What went wrong, ready to be shown. */
export interface Problem {
  readonly message: string;
  readonly code: string;
  /** Finds the request in the server's log; null when the request never arrived. */
  readonly correlationId: string | null;
}

/** News from the server about this input: shown beside the field or the button. */
export class UserError extends Error {
  readonly issues: readonly { path: readonly string[]; message: string }[];
  constructor(message: string, issues: UserError["issues"] = []) {
    super(message);
    this.issues = issues;
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

export function problemOf(error: CombinedError): Problem {
  const first = error.graphQLErrors[0];
  if (first) {
    return {
      message: first.message,
      code: text(first.extensions.code) ?? "ERROR",
      correlationId: text(first.extensions.correlationId) ?? headerOf(error.response),
    };
  }
  return {
    message: "The server cannot be reached. What you see may be old; it is asked again when it answers.",
    code: "NETWORK",
    correlationId: headerOf(error.response),
  };
}

function headerOf(response: unknown): string | null {
  return response instanceof Response ? response.headers.get("x-request-id") : null;
}
