import { z } from "@hono/zod-openapi";
import { requestPasswordReset, resetPassword } from "@shiplog/core/account";
import type { RestApp } from "../../http/env.ts";
import { envelope, ok } from "../../http/envelope.ts";
import { defineRoute } from "../../http/route.ts";
import { originOf, setDeviceCookie } from "./session.ts";

const email = z
  .string()
  .min(1)
  .max(254)
  .regex(/^[^\0]*$/)
  .openapi({ example: "ada@example.org" });

const request = defineRoute(
  { access: "public", errors: [429] },
  {
    method: "post",
    path: "/api/v1/auth/password-reset",
    operationId: "requestPasswordReset",
    tags: ["auth"],
    summary: "Ask for a new password",
    description:
      "Mails a link that works for an hour. Without a mail server an administrator of the installation sees the " +
      "wish and passes a link on. The answer does not tell whether anybody has the address.",
    request: {
      body: {
        required: true,
        content: { "application/json": { schema: z.object({ email }).openapi("PasswordResetInput") } },
      },
    },
    responses: {
      202: {
        description: "Taken down.",
        content: { "application/json": { schema: envelope(z.object({ requested: z.literal(true) })) } },
      },
    },
  },
);

const confirm = defineRoute(
  { access: "public", errors: [410] },
  {
    method: "post",
    path: "/api/v1/auth/password-reset/confirm",
    operationId: "resetPassword",
    tags: ["auth"],
    summary: "Set a new password with a link",
    description:
      "The token is what stands behind the # of the link; it works once. Every session of the person ends; sign in " +
      "with the new password then.",
    request: {
      body: {
        required: true,
        content: {
          "application/json": {
            schema: z
              .object({
                token: z.string().max(512),
                password: z.string().min(8).max(1024).openapi({ description: "8 to 1024 characters." }),
              })
              .openapi("PasswordResetConfirmation"),
          },
        },
      },
    },
    responses: {
      200: {
        description: "The password is set.",
        content: {
          "application/json": {
            schema: envelope(
              z.object({ email: z.string().openapi({ description: "The address to sign in with." }) }),
            ),
          },
        },
      },
    },
  },
);

/** Adds the routes of a forgotten password. */
export function registerPasswordReset(app: RestApp): void {
  app.openapi(request, async (c) => {
    await requestPasswordReset(c.var.ctx, { ...c.req.valid("json"), address: c.var.address });
    return c.json(ok(c, { requested: true as const }), 202);
  });
  app.openapi(confirm, async (c) => {
    const { device } = originOf(c);
    const { email: address, deviceToken } = await resetPassword(c.var.ctx, {
      ...c.req.valid("json"),
      ...(device && { device }),
    });
    setDeviceCookie(c, deviceToken);
    return c.json(ok(c, { email: address }), 200);
  });
}
