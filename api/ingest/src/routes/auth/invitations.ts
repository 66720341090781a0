import { z } from "@hono/zod-openapi";
import { encodeId } from "@shiplog/core";
import { acceptInvitationAsNew, previewInvitation } from "@shiplog/core/account";
import type { RestApp } from "../../http/env.ts";
import { envelope, ok } from "../../http/envelope.ts";
import { defineRoute } from "../../http/route.ts";
import { answerSession, originOf, sessionData } from "./session.ts";

export const token = z.string().max(512).openapi({ description: "What stands behind the # of the link." });

const invitation = z
  .object({
    email: z.string().openapi({ description: "Whom it was meant for." }),
    role: z.string().openapi({ example: "developer" }),
    projectName: z.string(),
    invitedBy: z.string().nullable().openapi({ description: "The name of whoever invites." }),
    expiresAt: z.iso.datetime(),
    hasAccount: z.boolean().openapi({
      description: "Somebody has that address: he signs in and accepts with `acceptInvitation` in GraphQL.",
    }),
  })
  .openapi("InvitationPreview");

const preview = defineRoute(
  { access: "public", errors: [410] },
  {
    method: "post",
    path: "/api/v1/auth/invitations/preview",
    operationId: "previewInvitation",
    tags: ["auth"],
    summary: "What an invitation's link leads to",
    description: "Changes nothing. A POST, because a link's secret has no place in a URL that is logged.",
    request: {
      body: {
        required: true,
        content: {
          "application/json": { schema: z.object({ token }).openapi("InvitationPreviewInput") },
        },
      },
    },
    responses: {
      200: {
        description: "The invitation is open.",
        content: { "application/json": { schema: envelope(invitation) } },
      },
    },
  },
);

const accept = defineRoute(
  { access: "public", errors: [409, 410] },
  {
    method: "post",
    path: "/api/v1/auth/invitations/accept",
    operationId: "acceptInvitation",
    tags: ["auth"],
    summary: "Join with a new account",
    description:
      "Makes an account with the invitation's address, a member of its project, and signs it in. 409 when somebody " +
      "has that address: he signs in and accepts with `acceptInvitation` in GraphQL.",
    request: {
      body: {
        required: true,
        content: {
          "application/json": {
            schema: z
              .object({
                token,
                name: z.string().min(1).max(200).openapi({ description: "What the person is called." }),
                password: z.string().min(8).max(1024).openapi({ description: "8 to 1024 characters." }),
              })
              .openapi("InvitationAcceptance"),
          },
        },
      },
    },
    responses: {
      200: {
        description: "Signed in; the cookies are set.",
        content: {
          "application/json": {
            schema: envelope(
              z
                .object({
                  ...sessionData.shape,
                  projectId: z.string().openapi({ example: "prj_01kaq3v8x2d5w0y9b7c4e6f1g3" }),
                  projectSlug: z.string().openapi({ description: "For the address of its page: /p/<slug>." }),
                })
                .openapi("AcceptedInvitation"),
            ),
          },
        },
      },
    },
  },
);

/** Adds the routes of somebody who follows an invitation and is not signed in. */
export function registerInvitations(app: RestApp): void {
  app.openapi(preview, async (c) => {
    const { expiresAt, ...rest } = await previewInvitation(c.var.ctx, c.req.valid("json").token);
    return c.json(ok(c, { ...rest, expiresAt: expiresAt.toISOString() }), 200);
  });
  app.openapi(accept, async (c) => {
    const input = { ...c.req.valid("json"), ...originOf(c) };
    const { project, ...signedIn } = await acceptInvitationAsNew(c.var.ctx, input);
    const joined = { projectId: encodeId("Project", project.id), projectSlug: project.slug };
    const data = { ...answerSession(c, signedIn), ...joined };
    return c.json(ok(c, data), 200);
  });
}
