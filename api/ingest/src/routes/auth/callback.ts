import { z } from "@hono/zod-openapi";
import {
  type IdentityProvider,
  joinWithIdentity,
  linkIdentity,
  PROVIDER_NAMES,
  ProviderFailedError,
  returnedSignIn,
  type SignInFailure,
  SignInRefusedError,
  signInWithIdentity,
} from "@shiplog/core/account";
import { deleteCookie } from "hono/cookie";
import { cookieNames, parseCookies } from "../../http/cookies.ts";
import type { RestApp, RestContext } from "../../http/env.ts";
import { defineRoute } from "../../http/route.ts";
import { providerOf, type SignInOptions } from "./providers.ts";
import { originOf, setSessionCookies } from "./session.ts";

const callback = defineRoute(
  { access: "public", errors: [404] },
  {
    method: "get",
    path: "/api/v1/auth/{provider}/callback",
    operationId: "finishSignIn",
    tags: ["auth"],
    summary: "Where a provider sends the browser back",
    description:
      "Redeems the code, signs in (or links), and goes on to `returnTo`; of a join to the project. What goes wrong " +
      "leads to `/login` (of a link: to `returnTo`, of a join: to `/invitation`) with `error` = expired, refused, " +
      "failed, not_invited, email_taken, email_unverified, linked_elsewhere, invitation_not_valid or disabled.",
    request: {
      params: z.object({
        provider: z
          .enum(PROVIDER_NAMES)
          .openapi({ param: { in: "path", name: "provider" }, example: "oidc" }),
      }),
      query: z.object({
        state: z.string().optional().openapi({ description: "From /start." }),
        code: z.string().optional().openapi({ description: "The provider's; absent when it refused." }),
      }),
    },
    responses: { 303: { description: "Signed in, linked, or back to the page that says why not." } },
  },
);

/** Ends the way through a provider. */
export function registerCallback(app: RestApp, options: SignInOptions): void {
  app.openapi(callback, async (c) => {
    const provider = providerOf(options, c.req.valid("param").provider);
    const { attempt, secure } = cookieNames(c.var.ctx.settings.publicUrl);
    const sealed = parseCookies(c.req.header("cookie")).get(attempt) ?? null;
    deleteCookie(c, attempt, { path: "/", secure });
    let failedAt = "/login";
    try {
      const query = new URL(c.req.url).searchParams;
      const returned = await returnedSignIn(c.var.ctx, provider, { sealed, query });
      if (returned.link) failedAt = returned.returnTo;
      if (returned.invitation) failedAt = "/invitation";
      return c.redirect(await finish(c, provider, returned, options), 303);
    } catch (error) {
      return c.redirect(withError(failedAt, failureOf(c, provider, error)), 303);
    }
  });
}

/** Links, joins or signs in; returns where the browser goes on. */
async function finish(
  c: RestContext,
  { name }: IdentityProvider,
  { link, invitation, returnTo, identify }: Awaited<ReturnType<typeof returnedSignIn>>,
  { signup }: SignInOptions,
): Promise<string> {
  const { ctx } = c.var;
  const identity = await identify();
  if (link) {
    await linkIdentity(ctx, link, name, identity);
    return returnTo;
  }
  const who = { provider: name, identity, ...originOf(c) };
  if (invitation) {
    const { project, ...signedIn } = await joinWithIdentity(ctx, { ...who, token: invitation });
    setSessionCookies(c, signedIn);
    return `/p/${project.slug}`;
  }
  setSessionCookies(c, await signInWithIdentity(ctx, { ...who, signup: signup.includes(name) }));
  return returnTo;
}

/** The word for the page; anything unexpected goes on to be masked and logged. */
function failureOf(c: RestContext, { name }: IdentityProvider, error: unknown): SignInFailure {
  if (error instanceof SignInRefusedError || error instanceof ProviderFailedError) {
    const { cause, requestId } = { cause: error.cause, requestId: c.var.requestId };
    c.var.ctx.log.info({ provider: name, cause, requestId }, error.message);
    return error instanceof SignInRefusedError ? error.why : "failed";
  }
  throw error;
}

function withError(path: string, error: SignInFailure): string {
  const url = new URL(path, "http://own.invalid");
  url.searchParams.set("error", error);
  return `${url.pathname}${url.search}${url.hash}`;
}
