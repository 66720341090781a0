import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import Provider from "oidc-provider";

const CLIENT = { id: "shiplog", secret: "a secret of the tests that is long enough" };

/** What the provider knows of a person. */
interface Claims {
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
}

/** A real OpenID provider on a port of this machine, in which whoever `account` names is signed in. */
export interface TestProvider {
  readonly issuer: string;
  readonly client: typeof CLIENT;
  /** Who is sitting at the browser. */
  account: string;
  /** Shows a page on which that person goes on or cancels; false: he goes on without one. */
  asks: boolean;
  readonly people: Map<string, Claims>;
  /** Goes where a browser would from the authorization URL, up to the callback; with cookies of its own. */
  visit(url: string): Promise<URL>;
  /** An ID token under the provider's own key with other claims. */
  forge(claims: JWTPayload): Promise<string>;
  close(): Promise<void>;
}

export async function startProvider(callback: string): Promise<TestProvider> {
  const keys = await generateKeyPair("RS256", { extractable: true });
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => {};
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const jwk = { ...(await exportJWK(keys.privateKey)), kid: "k1", alg: "RS256", use: "sig" };
  const test: TestProvider = {
    issuer,
    client: CLIENT,
    account: "nobody",
    asks: false,
    people: new Map(),
    visit: (url) => visit(url, callback),
    forge: (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "k1" }).sign(keys.privateKey),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  const provider = createProvider(test, jwk, callback);
  const serve = provider.callback();
  handle = (request, response) => {
    const [, place, uid, answer] = request.url?.split("/") ?? [];
    if (place !== "interaction") return void serve(request, response);
    if (test.asks && !answer) return void response.setHeader("content-type", "text/html").end(question(uid));
    const result = answer === "cancel" ? { error: "access_denied" } : { login: { accountId: test.account } };
    void provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  };
  return test;
}

function question(uid = ""): string {
  return `<!doctype html><html lang="en"><title>Sign in</title><h1>Let Shiplog know who you are?</h1>
    <a href="/interaction/${uid}/continue">Continue</a> <a href="/interaction/${uid}/cancel">Cancel</a></html>`;
}

function createProvider(test: TestProvider, jwk: object, callback: string): Provider {
  return new Provider(test.issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [callback],
        response_types: ["code"],
        grant_types: ["authorization_code"],
      },
    ],
    jwks: { keys: [jwk] } as never,
    cookies: { keys: ["signs the provider's own cookies"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    features: { devInteractions: { enabled: false } },
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
    pkce: { required: () => true },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: () => ({ ...test.people.get(id), sub: id }),
    }),
    // Nobody is asked for consent.
    loadExistingGrant: async (ctx) => {
      const { client, session } = ctx.oidc;
      const grant = new ctx.oidc.provider.Grant({
        clientId: client?.clientId,
        accountId: session?.accountId,
      });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
  });
}

async function visit(start: string, callback: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = new URL(start);
  for (let hop = 0; hop < 10; hop++) {
    if (url.href.startsWith(callback)) return url;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    const location = response.headers.get("location");
    if (!location) throw new Error(`${response.status} at ${url}: ${await response.text()}`);
    url = new URL(location, url);
  }
  throw new Error("the provider goes round in circles");
}
