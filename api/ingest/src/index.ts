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
export {
  checkOrigin,
  type HeaderReader,
  type OriginVerdict,
  originPermits,
  ownOrigins,
} from "./http/origin.ts";
export { requestIdOf } from "./http/request.ts";
export type { HealthOptions } from "./routes/health.ts";
