import { encodeId, type UserActor } from "@shiplog/core";
import type { listSessions } from "@shiplog/core/account";
import { builder } from "../builder.ts";

type SessionRow = Awaited<ReturnType<typeof listSessions>>[number];

interface Shown {
  readonly row: SessionRow;
  readonly isCurrent: boolean;
}

/** A session as its own person sees it. */
export function shown(actor: UserActor, row: SessionRow): Shown {
  return { row, isCurrent: row.id === actor.sessionId };
}

export const Session = builder.objectRef<Shown>("Session").implement({
  description: "One sign-in of one browser or program; its tokens die with it. Seen by its own person only.",
  fields: (t) => ({
    id: t.id({ description: "Opaque public id.", resolve: ({ row }) => encodeId("Session", row.id) }),
    isCurrent: t.exposeBoolean("isCurrent", { description: "Whether this request runs in it." }),
    method: t.string({
      description: "How the person proved who he is: password, or the name of the provider.",
      resolve: ({ row }) => row.method,
    }),
    userAgent: t.string({
      nullable: true,
      description: "What the browser or program called itself at the sign-in; null when it said nothing.",
      resolve: ({ row }) => row.userAgent,
    }),
    address: t.string({
      nullable: true,
      description: "The network address of the sign-in; null when unknown.",
      resolve: ({ row }) => row.address,
    }),
    createdAt: t.field({
      type: "DateTime",
      description: "The time of the sign-in.",
      resolve: ({ row }) => row.createdAt,
    }),
    lastUsedAt: t.field({
      type: "DateTime",
      description: "When its access token was last renewed: at most 15 minutes before its last request.",
      resolve: ({ row }) => row.lastUsedAt,
    }),
    expiresAt: t.field({
      type: "DateTime",
      description:
        "When it ends unless it is renewed: 7 days from its last renewal, 30 from the sign-in at most.",
      resolve: ({ row }) => row.expiresAt,
    }),
  }),
});
