import { builder } from "../builder.ts";
import { uuidOrNull } from "../shared/ids.ts";
import { AFTER, ofStream, openStream, TAIL } from "../shared/live.ts";
import { PipelineExecutionEventBatch } from "./events.ts";

builder.subscriptionField("pipelineExecutionEvents", (t) =>
  t.field({
    type: PipelineExecutionEventBatch,
    description:
      "What happens in a pipeline, from the log; completes after its final state. NOT_FOUND when it is missing or foreign, FORBIDDEN as soon as access is lost.",
    authScopes: { stream: "pipeline.read" },
    args: {
      id: t.arg.id({ required: true, description: "The pipeline." }),
      after: t.arg.string({ description: AFTER }),
      tail: t.arg.int({ description: TAIL }),
    },
    subscribe: (_root, { id, ...args }, ctx) => openStream(ctx, "pipeline_execution", id, args),
    resolve: (batch, { id }) => ofStream(batch, uuidOrNull("PipelineExecution", id)),
  }),
);
