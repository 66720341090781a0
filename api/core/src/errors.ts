/**
 * Expected failures: news for the caller, never a bug. GraphQL shows each class as a union member of the same
 * name, REST as an entry of `errors` with `code` and the status. Anything else that is thrown is masked and
 * logged with the correlation id.
 */
export abstract class DomainError extends Error {
  /** Stable machine word, e.g. NOT_FOUND. */
  abstract readonly code: string;
  /** When the same request may pass (seconds from now), where that is known; the `Retry-After` header. */
  readonly retryAfterSeconds: number | null = null;
  /** HTTP status of the REST answer. */
  abstract readonly status: 400 | 401 | 403 | 404 | 409 | 410 | 413 | 415 | 422 | 429 | 503;
}

/** The object does not exist, or the caller may not know that it does. */
export class NotFoundError extends DomainError {
  readonly code = "NOT_FOUND";
  readonly status = 404;
  override readonly name = "NotFoundError";
  constructor(what = "object") {
    super(`No such ${what}, or you may not see it.`);
  }
}

/** The caller sees the project but lacks the power. */
export class ForbiddenError extends DomainError {
  readonly code = "FORBIDDEN";
  readonly status = 403;
  override readonly name = "ForbiddenError";
}

/** No valid session, access token or API key. */
export class UnauthenticatedError extends DomainError {
  readonly code = "UNAUTHENTICATED";
  readonly status = 401;
  override readonly name = "UnauthenticatedError";
}

/** Too much of the same caller in this minute. */
export class TooManyRequestsError extends DomainError {
  readonly code = "TOO_MANY_REQUESTS";
  readonly status = 429;
  override readonly name = "TooManyRequestsError";
  override readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super(`Too many requests. Try again in ${retryAfterSeconds} s.`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface InputIssue {
  /** Path into the input, e.g. ["input", "slug"]. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** The input breaks a rule; `issues` names each place. */
export class InvalidInputError extends DomainError {
  readonly code = "INVALID_INPUT";
  readonly status = 422;
  override readonly name = "InvalidInputError";
  readonly issues: readonly InputIssue[];
  constructor(message: string, issues: readonly InputIssue[] = []) {
    super(message);
    this.issues = issues;
  }
}

/** Something of that name or key exists already. */
export class ConflictError extends DomainError {
  readonly code = "CONFLICT";
  readonly status = 409;
  override readonly name = "ConflictError";
}

/** For the end of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`);
}
