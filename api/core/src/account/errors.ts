import { DomainError } from "../errors.ts";

/** So many wrong guesses that the next one waits; the answer is the same for an unknown e-mail. */
export class TooManyAttemptsError extends DomainError {
  readonly code = "TOO_MANY_ATTEMPTS";
  readonly status = 429;
  override readonly name = "TooManyAttemptsError";
  override readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super("Too many attempts. Wait a moment, then try again.");
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The link was used, replaced, revoked, or has run out; it is never said which. */
export class LinkNotValidError extends DomainError {
  readonly code = "LINK_NOT_VALID";
  readonly status = 410;
  override readonly name = "LinkNotValidError";
  constructor() {
    super("This link is not valid, or no longer. Ask for a new one.");
  }
}

/** E-mail and password do not go together; the answer is the same for an unknown e-mail. */
export class InvalidCredentialsError extends DomainError {
  readonly code = "INVALID_CREDENTIALS";
  readonly status = 401;
  override readonly name = "InvalidCredentialsError";
  constructor() {
    super("E-mail and password do not match.");
  }
}
