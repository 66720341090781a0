import { z } from "@hono/zod-openapi";
import { type Context, UnauthenticatedError, type UserActor } from "@shiplog/core";
import { endSession, endSessions, holderOf, validateSession } from "@shiplog/core/account";
import { readCredential } from "../../http/credentials.ts";
import type { RestApp } from "../../http/env.ts";
import { envelope, ok } from "../../http/envelope.ts";
import { defineRoute } from "../../http/route.ts";
import { refreshTokenOf } from "./refresh.ts";
import { clearSession } from "./session.ts";

const body = z
  .object({
    refreshToken: z.string().max(512).nullish().openapi({ description: "Absent: the cookie is taken." }),
    everywhere: z
      .boolean()
      .optional()
      .openapi({ description: "All sessions of the person, not this one only." }),
  })
  .openapi("LogoutInput");

const logout = defineRoute(
  { access: "public" },
  {
    method: "post",
    path: "/api/v1/auth/logout",
    operationId: "logout",
    tags: ["auth"],
    summary: "Sign out",
    description:
      "Ends the session of the refresh token and of the access token: both stop working at once, and streams " +
      "opened with them close. With `everywhere`, all sessions of the person. Without a token that is still " +
      "good it only takes the cookies away.",
    request: { body: { required: false, content: { "application/json": { schema: body } } } },
    responses: {
      200: {
        description: "The cookies are taken away.",
        content: { "application/json": { schema: envelope(z.object({ signedOut: z.literal(true) })) } },
      },
    },
  },
);

export function registerLogout(app: RestApp): void {
  app.openapi(logout, async (c) => {
    const { ctx } = c.var;
    const { refreshToken, everywhere } = c.req.valid("json");
    const token = refreshTokenOf(c, refreshToken);
    const holder = token ? await holderOf(ctx, token) : null;
    const caller = await callerOf(ctx, c.req.raw.headers);
    const sessions = new Map<string, UserActor>();
    for (const actor of [holder?.actor, caller]) if (actor) sessions.set(actor.sessionId, actor);
    for (const [id, actor] of sessions) {
      // A token that was replaced may be a copy: like its reuse it ends its own family only.
      const proven = id === caller?.sessionId || !holder?.replaced;
      if (everywhere && proven && (await validateSession(ctx, id))) {
        await endSessions(ctx, actor, { keepThis: false });
      } else await endSession(ctx, actor, { id });
    }
    clearSession(c);
    return c.json(ok(c, { signedOut: true as const }), 200);
  });
}

/** The person behind the access token; null for one that is no longer good: it needs no ending. */
async function callerOf(ctx: Context, headers: Headers): Promise<UserActor | null> {
  try {
    const credential = await readCredential(ctx, { headers });
    return credential?.actor.type === "user" ? credential.actor : null;
  } catch (error) {
    if (error instanceof UnauthenticatedError) return null;
    throw error;
  }
}
