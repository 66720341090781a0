import { builder } from "./builder.ts";
import "./shared/scalars.ts";
import "./shared/errors.ts";
import "./shared/node.ts";
import "./account/queries.ts";
import "./account/mutations.ts";
import "./project/queries.ts";
import "./project/mutations.ts";
import "./project/member-mutations.ts";
import "./project/integration-mutations.ts";
import "./project/subscriptions.ts";
import "./pipeline/queries.ts";
import "./pipeline/jobs.ts";
import "./pipeline/subscriptions.ts";
import "./agent/queries.ts";
import "./agent/errors.ts";
import "./agent/mutations.ts";
import "./agent/external-mutations.ts";
import "./agent/computed.ts";
import "./agent/subscriptions.ts";
import "./activity/queries.ts";
import "./activity/mutations.ts";
import "./metrics/queries.ts";

builder.queryType({ description: "Reading. A missing or foreign object is null; lists are newest first." });
builder.mutationType({
  description:
    "Changing. Each takes `input` and answers a union of its payload and the errors that can occur.",
});
builder.subscriptionType({
  description: "Following, over WebSocket or server-sent events: batches of events from an append-only log.",
});
