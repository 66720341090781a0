import { InvalidInputError } from "@shiplog/core";

interface Failure {
  readonly issues: readonly {
    readonly message: string;
    readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  }[];
}

/** What an input that breaks a rule of its type becomes: the same error that core throws. */
export function validationError(failure: Failure): InvalidInputError {
  const issues = failure.issues.map(({ message, path = [] }) => ({
    message,
    path: path.map((part) => String(typeof part === "object" ? part.key : part)),
  }));
  return new InvalidInputError("The input is not valid.", issues);
}
