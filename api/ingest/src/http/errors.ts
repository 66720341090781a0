import { DomainError, InvalidInputError } from "@shiplog/core";
import { isOutage } from "@shiplog/core/live";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ZodError } from "zod";
import type { RestContext } from "./env.ts";
import { type ErrorEntry, failed } from "./envelope.ts";

const CODES: Readonly<Record<number, string>> = {
  400: "BAD_REQUEST",
  401: "UNAUTHENTICATED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  413: "PAYLOAD_TOO_LARGE",
  415: "UNSUPPORTED_MEDIA_TYPE",
  422: "INVALID_INPUT",
  429: "TOO_MANY_REQUESTS",
  503: "UNAVAILABLE",
};

/** The browser's page that sent it may not: see checkOrigin. */
export class ForeignOriginError extends DomainError {
  readonly code = "FOREIGN_ORIGIN";
  readonly status = 403;
  override readonly name = "ForeignOriginError";
  constructor() {
    super("The request comes from a page of another origin. SHIPLOG_PUBLIC_URL must be the address you use.");
  }
}

/** The caller went away while his body was read: nobody is left to answer, and nothing is wrong here. */
export function isHangUp(error: Error): boolean {
  return error.message === "aborted" && (error as NodeJS.ErrnoException).code === "ECONNRESET";
}

/** When to come back: as long as a database takes to be exchanged or started again. */
const OUTAGE_SECONDS = 5;

/** Every failure as an envelope: expected ones as they are, anything else masked and logged. */
export function onError(error: Error, c: RestContext): Response {
  if (error instanceof DomainError) {
    if (error.retryAfterSeconds !== null) c.header("retry-after", String(error.retryAfterSeconds));
    return answer(c, error.status, entriesOf(error));
  }
  if (error instanceof HTTPException) {
    const code = CODES[error.status] ?? "HTTP_ERROR";
    return answer(c, error.status as ContentfulStatusCode, [{ code, message: error.message || code }]);
  }
  const { requestId, ctx } = c.var;
  const place = { error, requestId, method: c.req.method, path: c.req.path };
  if (isOutage(error)) {
    ctx.log.warn(place, "a request found no database");
    c.header("retry-after", String(OUTAGE_SECONDS));
    const message = "The database cannot be reached. Send the request again a little later.";
    return answer(c, 503, [{ code: "UNAVAILABLE", message }]);
  }
  ctx.log[isHangUp(error) ? "debug" : "error"](place, "a request failed unexpectedly");
  const message = "Something went wrong on the server. Quote the request id when you report it.";
  return answer(c, 500, [{ code: "INTERNAL", message }]);
}

/** No route of that method and path. */
export function onNotFound(c: RestContext): Response {
  return answer(c, 404, [{ code: "NOT_FOUND", message: `There is no ${c.req.method} ${c.req.path}.` }]);
}

/** The default hook of validation: every issue with its place. */
export function onInvalid(
  result: { readonly success: boolean; readonly error?: ZodError; readonly target: string },
  c: RestContext,
): Response | undefined {
  if (result.success || !result.error) return undefined;
  const entries = result.error.issues.map((issue) => ({
    code: "INVALID_INPUT",
    message: issue.message,
    path: [result.target, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))],
  }));
  return answer(c, 422, entries);
}

function entriesOf(error: DomainError): ErrorEntry[] {
  const issues = error instanceof InvalidInputError ? error.issues : [];
  if (issues.length === 0) return [{ code: error.code, message: error.message }];
  return issues.map(({ path, message }) => ({ code: error.code, message, path: [...path] }));
}

function answer(c: RestContext, status: ContentfulStatusCode, errors: readonly ErrorEntry[]): Response {
  return c.json(failed(c, errors), status);
}
