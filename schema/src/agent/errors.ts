import { AgentExecutionEndedError, BatchOutOfOrderError, InvalidStatusError } from "@shiplog/core/agent";
import { builder } from "../builder.ts";
import { AgentExecutionStatus } from "../shared/enums.ts";
import { ErrorInterface } from "../shared/errors.ts";

builder.objectType(BatchOutOfOrderError, {
  name: "BatchOutOfOrderError",
  description: "A batch number was skipped; nothing was written.",
  interfaces: [ErrorInterface],
  fields: (t) => ({ expected: t.exposeInt("expected", { description: "Send this batch next." }) }),
});

builder.objectType(AgentExecutionEndedError, {
  name: "AgentExecutionEndedError",
  description:
    "The execution is over: an agent that gets this stops its work. It is how one learns of a cancel.",
  interfaces: [ErrorInterface],
  fields: (t) => ({
    status: t.field({
      type: AgentExecutionStatus,
      description: "How it ended.",
      resolve: (error) => error.endStatus,
    }),
  }),
});

builder.objectType(InvalidStatusError, {
  name: "InvalidStatusError",
  description: "The execution's state does not allow this, e.g. cancelling a run that has ended.",
  interfaces: [ErrorInterface],
});
