export { assertActive } from "./active.ts";
export * from "./audit/index.ts";
export { type Authenticated, authenticate, authenticateToken } from "./authenticate.ts";
export { InvalidCredentialsError, LinkNotValidError, TooManyAttemptsError } from "./errors.ts";
export * from "./federation/index.ts";
export { emailInput, parseInput, text } from "./input.ts";
export {
  acceptInvitation,
  acceptInvitationAsNew,
  type InvitationPreview,
  type Joined,
  type NewPersonInput,
  previewInvitation,
} from "./invitation/accept.ts";
export {
  type CreatedInvitation,
  type CreateInvitationInput,
  createInvitation,
  revokeInvitation,
  sendInvitation,
} from "./invitation/invitations.ts";
export { type IdentityJoin, joinWithIdentity } from "./invitation/join.ts";
export { recordKeyUses } from "./key_use.ts";
export {
  type CreateApiKeyInput,
  createApiKey,
  type NewApiKey,
  type RotateApiKeyInput,
  revokeApiKey,
  rotateApiKey,
} from "./keys.ts";
export { type UpdateUserInput, updateUser } from "./manage.ts";
export { changePassword } from "./password/change.ts";
export {
  createPasswordResetLink,
  listPasswordResetRequests,
  type ResetLink,
  type ResetWish,
  requestPasswordReset,
  resetPassword,
  sendPasswordReset,
} from "./password/reset.ts";
export * from "./policy.ts";
export { keepsMetadataOnly } from "./privacy.ts";
export { updateProfile } from "./profile.ts";
export { type Revoked, revoke } from "./revoke.ts";
export { type Rewrapped, rewrapSecrets, type UnreadableKey, unreadableKeys } from "./secrets/rewrap.ts";
export type { AccessToken } from "./session/access_token.ts";
export { DEVICE_MS } from "./session/devices.ts";
export { assertPerson, endSession, endSessions, listSessions } from "./session/own.ts";
export { holderOf, refreshSession } from "./session/refresh.ts";
export {
  createSession,
  invalidateSession,
  invalidateUserSessions,
  type SignedIn,
  type SignInOrigin,
  type VerifiedIdentity,
  validateSession,
} from "./session/sessions.ts";
export { type PasswordSignIn, signInWithPassword } from "./session/sign_in.ts";
export { ACCESS_TOKEN_MS, MAX_TOKEN_MS, type RotatedKey, rotateSigningKey } from "./session/signing.ts";
export { issueStreamToken } from "./stream_token.ts";
export { type AccountUpkeep, tendAccounts } from "./upkeep.ts";
export {
  type CreateUserInput,
  createUser,
  ensureOwner,
  isUniqueViolation,
  type OwnerResult,
} from "./users.ts";
export {
  apiKeyVisibility,
  auditVisibility,
  invitationVisibility,
  permittedProjectIds,
  permittedProjects,
  userVisibility,
} from "./visibility.ts";
