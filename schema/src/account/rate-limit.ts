import { builder } from "../builder.ts";
import type { ChargedRate } from "../context.ts";

const RateLimit = builder.objectRef<ChargedRate>("RateLimit").implement({
  description: "What the caller may still ask in this minute. Every process counts into the same place.",
  fields: (t) => ({
    limit: t.exposeInt("limit", { description: "Points a minute." }),
    remaining: t.exposeInt("remaining", { description: "Points that are left, this operation taken off." }),
    resetAt: t.expose("resetAt", { type: "DateTime", description: "When all points are there again." }),
    points: t.exposeInt("points", {
      description: "What this operation took: 1, and one more for every 250 of its cost.",
    }),
    cost: t.exposeInt("cost", { description: "Objects that this operation may touch; at most 2,000." }),
  }),
});

builder.queryField("rateLimit", (t) =>
  t.field({
    type: RateLimit,
    nullable: true,
    description:
      "The rate limit of the caller's account or key. Null when limits are off. Costs no statement: this very operation was counted.",
    authScopes: { signedIn: true },
    resolve: (_root, _args, ctx) => ctx.rate ?? null,
  }),
);
