export {
  type BeginSignIn,
  type BegunSignIn,
  beginSignIn,
  isOwnPath,
  returnedSignIn,
  SIGN_IN_MS,
} from "./flow.ts";
export { createGithubProvider, type GithubOptions } from "./github.ts";
export {
  type IdentitySignIn,
  linkIdentity,
  listIdentities,
  signInWithIdentity,
  unlinkIdentity,
} from "./identities.ts";
export { createOidcProvider, type OidcOptions } from "./oidc.ts";
export {
  type IdentityProvider,
  PROVIDER_NAMES,
  type ProvenIdentity,
  ProviderFailedError,
  type ProviderName,
  type SignInFailure,
  SignInRefusedError,
} from "./provider.ts";
