import { executionPage, lastLines } from "@shiplog/core/metrics";
import { builder } from "../builder.ts";
import { computed, keyed } from "../shared/batch.ts";
import { heavy } from "../shared/complexity.ts";
import { AgentExecutionEventBatch } from "./events.ts";
import { cancellable, mayWrite, retryable, SUBJECT } from "./powers.ts";
import { AgentExecution, LED_AWAY } from "./type.ts";

builder.prismaObjectFields(AgentExecution, (t) => ({
  lastLine: t.loadable({
    ...LED_AWAY,
    type: "String",
    nullable: true,
    description:
      "The last line of text it said; null while it said nothing. One statement for all of a list.",
    ...computed(lastLines),
    resolve: (row) => row.id,
  }),
  viewerCanCancel: t.loadable({
    type: "Boolean",
    description: "The viewer may cancel it, and it has not ended. One statement for all of a list.",
    ...mayWrite,
    ...keyed(SUBJECT, cancellable),
  }),
  viewerCanRetry: t.loadable({
    type: "Boolean",
    description:
      "The viewer may retry it, it has ended, and its task is still kept. One statement for all of a list.",
    ...mayWrite,
    ...keyed(SUBJECT, retryable),
  }),
  events: t.field({
    ...LED_AWAY,
    type: AgentExecutionEventBatch,
    description:
      "One page of the log, for export; follow a running execution with the subscription. Two statements per execution.",
    complexity: heavy(20),
    args: {
      after: t.arg.string({
        description: "Cursor of the page before; null = from the first retained event.",
      }),
      first: t.arg.int({ description: "At most so many events, 1 to 500; 100 when not said." }),
    },
    resolve: (row, args, ctx) => executionPage(ctx.core, row.id, args),
  }) as never,
}));
