export { createRestApp, type RestOptions } from "./app.ts";
export { openApiDocument } from "./document.ts";
export { type CookieNames, cookieNames, parseCookies } from "./http/cookies.ts";
export {
  authenticateRequest,
  bearerToken,
  type Credential,
  type Credentials,
  hasSessionCookie,
  readCredential,
} from "./http/credentials.ts";
export type { RestApp, RestContext, RestEnv } from "./http/env.ts";
export { isHangUp } from "./http/errors.ts";
export { type Nonced, nonced } from "./http/nonce.ts";
export {
  checkOrigin,
  EXPOSED_HEADERS,
  type HeaderReader,
  type OriginVerdict,
  originPermits,
  ownOrigins,
} from "./http/origin.ts";
export { chargeGuess } from "./http/rate.ts";
export { originOf, requestIdOf } from "./http/request.ts";
export type { SignInOptions } from "./routes/auth/providers.ts";
export type { HealthOptions } from "./routes/health.ts";
