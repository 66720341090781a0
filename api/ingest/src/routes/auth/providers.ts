import { z } from "@hono/zod-openapi";
import { NotFoundError, UnauthenticatedError } from "@shiplog/core";
import {
  beginSignIn,
  type IdentityProvider,
  isOwnPath,
  PROVIDER_NAMES,
  type ProviderName,
  SIGN_IN_MS,
} from "@shiplog/core/account";
import { setCookie } from "hono/cookie";
import { cookieNames } from "../../http/cookies.ts";
import { readCredential } from "../../http/credentials.ts";
import type { RestApp, RestContext } from "../../http/env.ts";
import { envelope, ok } from "../../http/envelope.ts";
import { defineRoute } from "../../http/route.ts";
import { token } from "./invitations.ts";

/** The providers that are configured, and which of them may bring strangers. */
export interface SignInOptions {
  readonly providers: readonly IdentityProvider[];
  /** Whose people get an account without having been invited. */
  readonly signup: readonly ProviderName[];
}

const params = z.object({
  provider: z.enum(PROVIDER_NAMES).openapi({ param: { in: "path", name: "provider" }, example: "oidc" }),
});

const returnTo = z
  .string()
  .max(2_000)
  .refine(isOwnPath, "must be a path of this server, such as /runs")
  .openapi({ description: "Where the browser ends up: a path of this server.", example: "/" });

const offered = z.object({
  providers: z.array(
    z
      .object({
        name: z.enum(PROVIDER_NAMES),
        label: z.string().openapi({ description: "For the button.", example: "GitHub" }),
        startUrl: z.string().openapi({ description: "Where a click on the button leads." }),
        signup: z.boolean().openapi({ description: "Strangers get an account by signing in." }),
      })
      .openapi("SignInProvider"),
  ),
});

const list = defineRoute(
  { access: "public" },
  {
    method: "get",
    path: "/api/v1/auth/providers",
    operationId: "listSignInProviders",
    tags: ["auth"],
    summary: "What one can sign in with beside a password",
    responses: {
      200: {
        description: "Those that are configured; none when empty.",
        content: { "application/json": { schema: envelope(offered) } },
      },
    },
  },
);

const start = defineRoute(
  { access: "public", errors: [404] },
  {
    method: "get",
    path: "/api/v1/auth/{provider}/start",
    operationId: "startSignIn",
    tags: ["auth"],
    summary: "Go to a provider to sign in",
    description:
      "Sends the browser to the provider, which sends it back to `/callback`. The cookie that is set ties both ends " +
      "to one browser for ten minutes.",
    request: { params, query: z.object({ returnTo: returnTo.optional() }) },
    responses: { 303: { description: "To the provider; the cookie is set." } },
  },
);

const begun = envelope(
  z.object({ url: z.string().openapi({ description: "At the provider; good for ten minutes." }) }),
);

const startLink = defineRoute(
  { access: "actor", errors: [404] },
  {
    method: "post",
    path: "/api/v1/auth/{provider}/link",
    operationId: "startLink",
    tags: ["auth"],
    summary: "Link a provider to the account that is signed in",
    description:
      "Answers where the page must send the browser, and sets the cookie that ties both ends together. Afterwards " +
      "the person can sign in with the provider. 401 for an API key.",
    request: {
      params,
      body: {
        required: true,
        content: {
          "application/json": {
            schema: z.object({ returnTo: returnTo.optional() }).openapi("StartLinkInput"),
          },
        },
      },
    },
    responses: {
      200: {
        description: "The cookie is set.",
        content: {
          "application/json": { schema: begun },
        },
      },
    },
  },
);

const startJoin = defineRoute(
  { access: "public", errors: [404, 410] },
  {
    method: "post",
    path: "/api/v1/auth/{provider}/join",
    operationId: "startJoin",
    tags: ["auth"],
    summary: "Accept an invitation by signing in with a provider",
    description:
      "Answers where the page must send the browser, and sets the cookie that ties both ends, and the invitation, " +
      "together. Who comes back from the provider is a member of the project; without an account he gets one.",
    request: {
      params,
      body: {
        required: true,
        content: { "application/json": { schema: z.object({ token }).openapi("StartJoinInput") } },
      },
    },
    responses: {
      200: { description: "The cookie is set.", content: { "application/json": { schema: begun } } },
    },
  },
);

/** The configured provider of that name; throws NotFoundError. */
export function providerOf({ providers }: SignInOptions, name: ProviderName): IdentityProvider {
  const found = providers.find((provider) => provider.name === name);
  if (!found) throw new NotFoundError("sign-in provider");
  return found;
}

function keepAttempt(c: RestContext, sealed: string): void {
  const { attempt, secure } = cookieNames(c.var.ctx.settings.publicUrl);
  // Lax: the provider's page sends the browser back.
  const options = { httpOnly: true, secure, path: "/", sameSite: "Lax", maxAge: SIGN_IN_MS / 1000 } as const;
  setCookie(c, attempt, sealed, options);
}

/** What the sign-in page offers, and the ways to a provider. */
export function registerProviders(app: RestApp, options: SignInOptions): void {
  app.openapi(list, (c) => {
    const providers = options.providers.map(({ name, label }) => ({
      name,
      label,
      startUrl: `/api/v1/auth/${name}/start`,
      signup: options.signup.includes(name),
    }));
    return c.json(ok(c, { providers }), 200);
  });
  app.openapi(start, async (c) => {
    const provider = providerOf(options, c.req.valid("param").provider);
    const path = c.req.valid("query").returnTo ?? "/";
    const { url, sealed } = await beginSignIn(c.var.ctx, provider, {
      returnTo: path,
      link: null,
      invitation: null,
    });
    keepAttempt(c, sealed);
    return c.redirect(url.href, 303);
  });
  app.openapi(startLink, async (c) => {
    const credential = await readCredential(c.var.ctx, { headers: c.req.raw.headers });
    if (credential?.actor.type !== "user") throw new UnauthenticatedError("Only people link accounts.");
    const provider = providerOf(options, c.req.valid("param").provider);
    const path = c.req.valid("json").returnTo ?? "/";
    const { url, sealed } = await beginSignIn(c.var.ctx, provider, {
      returnTo: path,
      link: credential.actor,
      invitation: null,
    });
    keepAttempt(c, sealed);
    return c.json(ok(c, { url: url.href }), 200);
  });
  app.openapi(startJoin, async (c) => {
    const provider = providerOf(options, c.req.valid("param").provider);
    const { url, sealed } = await beginSignIn(c.var.ctx, provider, {
      returnTo: "/",
      link: null,
      invitation: c.req.valid("json").token,
    });
    keepAttempt(c, sealed);
    return c.json(ok(c, { url: url.href }), 200);
  });
}
