import { builder } from "./builder.ts";
import "./shared/scalars.ts";
import "./shared/errors.ts";
import "./shared/node.ts";
import "./account/queries.ts";
import "./project/queries.ts";
import "./project/subscriptions.ts";
import "./pipeline/queries.ts";
import "./pipeline/jobs.ts";
import "./pipeline/subscriptions.ts";
import "./agent/queries.ts";
import "./agent/computed.ts";
import "./agent/subscriptions.ts";
import "./activity/queries.ts";
import "./metrics/queries.ts";

builder.queryType({ description: "Reading. A missing or foreign object is null; lists are newest first." });
builder.subscriptionType({
  description: "Following, over WebSocket or server-sent events: batches of events from an append-only log.",
});
