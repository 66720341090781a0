import { DomainError } from "../errors.ts";

/** E-mail and password do not go together; the answer is the same for an unknown e-mail. */
export class InvalidCredentialsError extends DomainError {
  readonly code = "INVALID_CREDENTIALS";
  readonly status = 401;
  override readonly name = "InvalidCredentialsError";
  constructor() {
    super("E-mail and password do not match.");
  }
}
