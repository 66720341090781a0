import type { Context } from "@shiplog/core";
import { builder } from "../builder.ts";
import { ID } from "../shared/node.ts";

/** Neither accepted nor revoked, and not run out. */
export function openInvitation(ctx: Context) {
  return { acceptedAt: null, revokedAt: null, expiresAt: { gt: ctx.clock.now() } };
}

export const Invitation = builder.prismaNode("Invitation", {
  id: ID,
  select: { id: true },
  description: "A link that makes its holder a member of a project, once. Seen by owners of the project.",
  fields: (t) => ({
    email: t.exposeString("email", { description: "Whom it was meant for." }),
    role: t.exposeString("role", { description: "What he becomes: viewer, developer, maintainer or owner." }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was made." }),
    expiresAt: t.expose("expiresAt", { type: "DateTime", description: "When the link stops working." }),
    acceptedAt: t.expose("acceptedAt", {
      type: "DateTime",
      nullable: true,
      description: "When somebody joined with it; null while it waits.",
    }),
    revokedAt: t.expose("revokedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it was revoked or replaced; null while it works.",
    }),
    createdBy: t.relation("createdBy", {
      nullable: true,
      description: "Who invites; null for the program itself.",
    }),
    acceptedBy: t.relation("acceptedBy", {
      nullable: true,
      description: "Who joined with it; null while it waits.",
    }),
  }),
});
