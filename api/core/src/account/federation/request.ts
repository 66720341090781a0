import * as oauth from "oauth4webapi";
import { ProviderFailedError, SignInRefusedError } from "./provider.ts";

const TIMEOUT_MS = 10_000;

/** For each request to a provider. Plain http is for a provider on this machine, which the configuration checks. */
export function requestOptions(fetcher: typeof fetch, address: string) {
  return {
    [oauth.customFetch]: fetcher as typeof fetch,
    [oauth.allowInsecureRequests]: address.startsWith("http:"),
    signal: () => AbortSignal.timeout(TIMEOUT_MS),
  };
}

/** The callback's parameters, when state and issuer are those that were expected. Throws what the provider answered. */
export function codeOf(
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  query: URLSearchParams,
  state: string,
): URLSearchParams {
  return oauth.validateAuthResponse(server, client, query, state);
}

export function clientAuth(server: oauth.AuthorizationServer, secret: string | undefined): oauth.ClientAuth {
  if (!secret) return oauth.None();
  const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  return methods.includes("client_secret_basic")
    ? oauth.ClientSecretBasic(secret)
    : oauth.ClientSecretPost(secret);
}

/** Our two errors for whatever went wrong between us and the provider. */
export function refusedOrFailed(error: unknown): never {
  if (error instanceof ProviderFailedError || error instanceof SignInRefusedError) throw error;
  if (error instanceof oauth.AuthorizationResponseError) throw new SignInRefusedError("refused", error);
  throw new SignInRefusedError("failed", error);
}
