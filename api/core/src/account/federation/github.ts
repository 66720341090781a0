import * as oauth from "oauth4webapi";
import { z } from "zod";
import type { Attempted, IdentityProvider, ProvenIdentity, ProviderOptions } from "./provider.ts";
import { clientAuth, codeOf, refusedOrFailed, requestOptions } from "./request.ts";

export interface GithubOptions extends ProviderOptions {
  /** https://github.com, or the address of an enterprise server; the issuer of its identities. */
  readonly url: string;
}

const user = z.object({ id: z.int(), login: z.string(), name: z.string().nullish() });
const emails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));

/** GitHub speaks OAuth without OpenID: who somebody is, its API tells; the subject is the number, for logins change. */
export function createGithubProvider(options: GithubOptions): IdentityProvider {
  const url = options.url.replace(/\/$/, "");
  const server: oauth.AuthorizationServer = {
    issuer: url,
    authorization_endpoint: `${url}/login/oauth/authorize`,
    token_endpoint: `${url}/login/oauth/access_token`,
    token_endpoint_auth_methods_supported: ["client_secret_post"],
  };
  const api = url === "https://github.com" ? "https://api.github.com" : `${url}/api/v3`;
  const client: oauth.Client = { client_id: options.clientId };
  const request = requestOptions(options.fetch, url);

  const ask = async <T>(path: string, token: string, schema: z.ZodType<T>): Promise<T> => {
    const response = await options.fetch(`${api}${path}`, {
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${token}`,
        "user-agent": "shiplog",
      },
      redirect: "error",
      signal: request.signal(),
    });
    if (!response.ok) throw new Error(`GitHub answered ${response.status} to ${path}`);
    return schema.parse(await response.json());
  };

  const redeem = async (query: URLSearchParams, attempt: Attempted): Promise<ProvenIdentity> => {
    const params = codeOf(server, client, query, attempt.state);
    const auth = clientAuth(server, options.clientSecret);
    const { redirectUri, verifier } = attempt;
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      auth,
      params,
      redirectUri,
      verifier,
      request,
    );
    const { access_token: token } = await oauth.processAuthorizationCodeResponse(server, client, response);
    const { id, login, name } = await ask("/user", token, user);
    const addresses = await ask("/user/emails", token, emails);
    const email = addresses.find(({ primary, verified }) => primary && verified)?.email ?? null;
    return { issuer: url, subject: String(id), label: login, name: name || login, email };
  };

  return {
    name: "github",
    label: "GitHub",
    async authorizationUrl({ state, verifier, redirectUri }) {
      const to = new URL(`${url}/login/oauth/authorize`);
      to.searchParams.set("client_id", options.clientId);
      to.searchParams.set("scope", "read:user user:email");
      to.searchParams.set("redirect_uri", redirectUri);
      to.searchParams.set("state", state);
      to.searchParams.set("code_challenge", await oauth.calculatePKCECodeChallenge(verifier));
      to.searchParams.set("code_challenge_method", "S256");
      return to;
    },
    identify: (query, attempt) => redeem(query, attempt).catch(refusedOrFailed),
  };
}
