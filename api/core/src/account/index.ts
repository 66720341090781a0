export { ACCESS_TOKEN_MS, type AccessToken } from "./access_token.ts";
export { assertActive } from "./active.ts";
export { type Authenticated, authenticate, authenticateToken } from "./authenticate.ts";
export { InvalidCredentialsError } from "./errors.ts";
export { emailInput, parseInput, text } from "./input.ts";
export { type CreateApiKeyInput, createApiKey, revokeApiKey } from "./keys.ts";
export * from "./policy.ts";
export { type Revoked, revoke } from "./revoke.ts";
export {
  createSession,
  invalidateRefreshToken,
  invalidateSession,
  invalidateUserSessions,
  REFRESH_TOKEN_MS,
  refreshSession,
  type SignedIn,
  type SignIn,
  validateSession,
} from "./sessions.ts";
export {
  assertAdmin,
  type CreateUserInput,
  createUser,
  ensureOwner,
  isUniqueViolation,
  type OwnerResult,
} from "./users.ts";
export { apiKeyVisibility, permittedProjectIds, permittedProjects, userVisibility } from "./visibility.ts";
