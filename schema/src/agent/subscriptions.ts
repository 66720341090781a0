import { builder } from "../builder.ts";
import { AFTER, openStream, TAIL } from "../shared/live.ts";
import { AgentExecutionEventBatch } from "./events.ts";

builder.subscriptionField("agentExecutionEvents", (t) =>
  t.field({
    type: AgentExecutionEventBatch,
    description:
      "What happens in an agent execution, from the log; completes after its final state. NOT_FOUND when it is missing or foreign, FORBIDDEN as soon as access is lost.",
    authScopes: { stream: "agent.read" },
    args: {
      id: t.arg.id({ required: true, description: "The execution." }),
      after: t.arg.string({ description: AFTER }),
      tail: t.arg.int({ description: TAIL }),
    },
    subscribe: (_root, { id, ...args }, ctx) => openStream(ctx, "agent_execution", id, args),
    resolve: (batch) => batch,
  }),
);
