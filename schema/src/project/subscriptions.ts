import { builder } from "../builder.ts";
import { AFTER, openStream, TAIL } from "../shared/live.ts";
import { ProjectEventBatch } from "./events.ts";

builder.subscriptionField("projectEvents", (t) =>
  t.field({
    type: ProjectEventBatch,
    description:
      "What happens in a project, from the log; never completes by itself. NOT_FOUND when it is missing or foreign, FORBIDDEN as soon as access is lost.",
    authScopes: { stream: "project.read" },
    args: {
      projectId: t.arg.id({ required: true, description: "The project." }),
      after: t.arg.string({ description: AFTER }),
      tail: t.arg.int({ description: TAIL }),
    },
    subscribe: (_root, { projectId, ...args }, ctx) => openStream(ctx, "project", projectId, args),
    resolve: (batch) => batch,
  }),
);
