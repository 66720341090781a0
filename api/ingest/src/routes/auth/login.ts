import { z } from "@hono/zod-openapi";
import { signInWithPassword } from "@shiplog/core/account";
import type { RestApp } from "../../http/env.ts";
import { envelope, ok } from "../../http/envelope.ts";
import { defineRoute } from "../../http/route.ts";
import { answerSession, originOf, sessionData } from "./session.ts";

const body = z
  .object({
    email: z
      .string()
      .min(1)
      .max(254)
      .regex(/^[^\0]*$/)
      .openapi({ example: "ada@example.org" }),
    password: z.string().min(1).max(1024).openapi({ description: "At most 1024 characters." }),
  })
  .openapi("LoginInput");

const login = defineRoute(
  { access: "public", errors: [401, 429] },
  {
    method: "post",
    path: "/api/v1/auth/login",
    operationId: "login",
    tags: ["auth"],
    summary: "Sign in with e-mail and password",
    description:
      "Answers an access token (15 minutes) and sets it, with the refresh token (7 days), as httpOnly cookies. " +
      "A wrong password and an unknown e-mail get the same answer; after five of them the next one waits.",
    request: { body: { required: true, content: { "application/json": { schema: body } } } },
    responses: {
      200: {
        description: "Signed in; both cookies are set.",
        content: { "application/json": { schema: envelope(sessionData) } },
      },
    },
  },
);

export function registerLogin(app: RestApp): void {
  app.openapi(login, async (c) => {
    const signedIn = await signInWithPassword(c.var.ctx, { ...c.req.valid("json"), ...originOf(c) });
    return c.json(ok(c, answerSession(c, signedIn)), 200);
  });
}
