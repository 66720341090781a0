import { z } from "@hono/zod-openapi";
import { decodeIdAs, encodeId, NotFoundError } from "@shiplog/core";
import { assertPerson, endSession, listSessions } from "@shiplog/core/account";
import type { RestApp } from "../../http/env.ts";
import { envelope, ok } from "../../http/envelope.ts";
import { actorOf, defineRoute } from "../../http/route.ts";

const session = z
  .object({
    id: z.string().openapi({ example: "sss_01kaq3v8x2d5w0y9b7c4e6f1g3" }),
    isCurrent: z.boolean().openapi({ description: "Whether this request runs in it." }),
    method: z
      .string()
      .openapi({ description: "password, or the provider that vouched.", example: "password" }),
    userAgent: z.string().nullable(),
    address: z.string().nullable().openapi({ description: "The network address of the sign-in." }),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().openapi({ description: "When its access token was last renewed." }),
    expiresAt: z.iso.datetime().openapi({ description: "When it ends unless it is renewed." }),
  })
  .openapi("SessionEntry");

const list = defineRoute(
  { access: "actor", errors: [403] },
  {
    method: "get",
    path: "/api/v1/auth/sessions",
    operationId: "listSessions",
    tags: ["auth"],
    summary: "One's sessions",
    description: "The caller's sessions that live, the last used first, at most 100. Not for API keys.",
    responses: {
      200: {
        description: "The sessions.",
        content: { "application/json": { schema: envelope(z.object({ sessions: z.array(session) })) } },
      },
    },
  },
);

const end = defineRoute(
  { access: "actor", errors: [404], action: "session.end" },
  {
    method: "delete",
    path: "/api/v1/auth/sessions/{id}",
    operationId: "endSession",
    tags: ["auth"],
    summary: "End one of one's sessions",
    description:
      "Its requests stop at once and its streams within a second. Ending it twice answers the same. Not for API keys.",
    request: { params: z.object({ id: z.string().openapi({ example: "sss_01kaq3v8x2d5w0y9b7c4e6f1g3" }) }) },
    responses: {
      200: {
        description: "It has ended.",
        content: { "application/json": { schema: envelope(z.object({ endedId: z.string() })) } },
      },
    },
  },
);

/** Adds the routes that list and end one's own sessions. */
export function registerSessions(app: RestApp): void {
  app.openapi(list, async (c) => {
    const actor = assertPerson(actorOf(c));
    const sessions = (await listSessions(c.var.ctx, actor)).map((row) => ({
      id: encodeId("Session", row.id),
      isCurrent: row.id === actor.sessionId,
      method: row.method,
      userAgent: row.userAgent,
      address: row.address,
      createdAt: row.createdAt.toISOString(),
      lastUsedAt: row.lastUsedAt.toISOString(),
      expiresAt: row.expiresAt.toISOString(),
    }));
    return c.json(ok(c, { sessions }), 200);
  });
  app.openapi(end, async (c) => {
    const { id: publicId } = c.req.valid("param");
    const id = decodeIdAs("Session", publicId);
    if (!id) throw new NotFoundError("session");
    await endSession(c.var.ctx, assertPerson(actorOf(c)), { id });
    return c.json(ok(c, { endedId: publicId }), 200);
  });
}
