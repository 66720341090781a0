import * as oauth from "oauth4webapi";
import {
  type Attempted,
  type IdentityProvider,
  type ProvenIdentity,
  ProviderFailedError,
  type ProviderOptions,
} from "./provider.ts";
import { clientAuth, codeOf, refusedOrFailed, requestOptions } from "./request.ts";

export interface OidcOptions extends ProviderOptions {
  /** As the provider names itself; discovery starts there. */
  readonly issuer: string;
  readonly label: string;
}

/** Keys and endpoints of a provider change now and then. */
const DISCOVERY_MS = 3_600_000;

interface Discovered {
  readonly server: oauth.AuthorizationServer;
  readonly until: number;
}

/**
 * Any OpenID provider: endpoints by discovery; of the ID token issuer, audience, times, nonce and signature are
 * checked. Claims that it lacks are asked of the userinfo endpoint.
 */
export function createOidcProvider(options: OidcOptions): IdentityProvider {
  const client: oauth.Client = { client_id: options.clientId };
  const request = requestOptions(options.fetch, options.issuer);
  const jwksCache: oauth.JWKSCacheInput = {};
  let discovered: Promise<Discovered> | null = null;

  const discover = async (): Promise<oauth.AuthorizationServer> => {
    const known = await discovered?.catch(() => null);
    if (known && known.until > performance.now()) return known.server;
    discovered = discoverServer(options.issuer, request);
    return (await discovered).server;
  };

  const redeem = async (query: URLSearchParams, { nonce, verifier, redirectUri, state }: Attempted) => {
    const server = await discover();
    const params = codeOf(server, client, query, state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      clientAuth(server, options.clientSecret),
      params,
      redirectUri,
      verifier,
      request,
    );
    const answer = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: nonce,
      requireIdToken: true,
    });
    // The specification lets a client trust TLS instead; a proxy in between should not be able to sign anybody in.
    await oauth.validateApplicationLevelSignature(server, response, {
      ...request,
      [oauth.jwksCache]: jwksCache,
    });
    const claims = oauth.getValidatedIdTokenClaims(answer);
    if (!claims) throw new Error("the answer has no ID token");
    const all =
      claims.email === undefined ? { ...(await userInfo(server, answer, claims.sub)), ...claims } : claims;
    return identityOf(claims.iss, claims.sub, all);
  };

  const userInfo = async (
    server: oauth.AuthorizationServer,
    answer: oauth.TokenEndpointResponse,
    subject: string,
  ): Promise<object> => {
    if (!server.userinfo_endpoint) return {};
    const response = await oauth.userInfoRequest(server, client, answer.access_token, request);
    return oauth.processUserInfoResponse(server, client, subject, response);
  };

  return {
    name: "oidc",
    label: options.label,
    async authorizationUrl(attempt) {
      const server = await discover();
      if (!server.authorization_endpoint) throw new ProviderFailedError("no authorization endpoint");
      const url = new URL(server.authorization_endpoint);
      url.searchParams.set("client_id", options.clientId);
      url.searchParams.set("response_type", "code");
      url.searchParams.set("scope", "openid email profile");
      url.searchParams.set("redirect_uri", attempt.redirectUri);
      url.searchParams.set("state", attempt.state);
      url.searchParams.set("nonce", attempt.nonce);
      url.searchParams.set("code_challenge", await oauth.calculatePKCECodeChallenge(attempt.verifier));
      url.searchParams.set("code_challenge_method", "S256");
      return url;
    },
    identify: (query, attempt) => redeem(query, attempt).catch(refusedOrFailed),
  };
}

async function discoverServer(
  issuer: string,
  request: ReturnType<typeof requestOptions>,
): Promise<Discovered> {
  try {
    const url = new URL(issuer);
    const response = await oauth.discoveryRequest(url, { ...request, algorithm: "oidc" });
    const server = await oauth.processDiscoveryResponse(url, response);
    return { server, until: performance.now() + DISCOVERY_MS };
  } catch (error) {
    throw new ProviderFailedError(error);
  }
}

function identityOf(issuer: string, subject: string, claims: Record<string, unknown>): ProvenIdentity {
  const email = typeof claims.email === "string" ? claims.email : null;
  const login = typeof claims.preferred_username === "string" ? claims.preferred_username : null;
  return {
    issuer,
    subject,
    label: email ?? login ?? subject,
    name: typeof claims.name === "string" ? claims.name : login,
    // Some providers send the word as text.
    email: claims.email_verified === true || claims.email_verified === "true" ? email : null,
  };
}
