import { ConflictError } from "../errors.ts";

/** The change would leave a project without anybody who manages its members. */
export function lastOwnerError(): ConflictError {
  return new ConflictError("A project keeps at least one owner. Make somebody else owner first.");
}

/** The slug names another project. */
export function slugTakenError(slug: string): ConflictError {
  return new ConflictError(`The slug "${slug}" is taken by another project.`);
}
