import { builder } from "./builder.ts";
import "./shared/scalars.ts";
import "./shared/errors.ts";
import "./shared/node.ts";
import "./account/errors.ts";
import "./account/queries.ts";
import "./account/session-mutations.ts";
import "./account/password.ts";
import "./account/invitation-mutations.ts";
import "./account/signing-mutations.ts";
import "./account/mutations.ts";
import "./account/users.ts";
import "./account/rate-limit.ts";
import "./account/key-mutations.ts";
import "./account/token-mutations.ts";
import "./account/identity.ts";
import "./project/queries.ts";
import "./project/mutations.ts";
import "./project/member-mutations.ts";
import "./project/integration-mutations.ts";
import "./project/retention.ts";
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
import "./audit/queries.ts";
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
