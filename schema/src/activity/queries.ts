import { cleanText } from "@shiplog/core";
import { builder } from "../builder.ts";
import { pageComplexity } from "../shared/complexity.ts";
import { projectPage } from "../shared/page.ts";
import { visible } from "../shared/visible.ts";
import { AIActivity } from "./type.ts";

builder.queryField("aiActivities", (t) =>
  t.connection(
    {
      type: AIActivity,
      nullable: true,
      description:
        "A project's AI activity by the time it happened; null when the project is missing or foreign. Two statements, plus relations.",
      authScopes: { can: "activity.read" },
      extensions: visible("AIActivity"),
      complexity: pageComplexity,
      args: {
        projectId: t.arg.id({ required: true, description: "The project." }),
        tool: t.arg.string({ description: "Only of this tool." }),
      },
      resolve: (_root, args, ctx, info) =>
        projectPage(ctx, info, args, {
          model: "AIActivity",
          sort: "occurredAt",
          permission: "activity.read",
          where: args.tool != null ? { tool: cleanText(args.tool) } : {},
        }),
    },
    { name: "AIActivityConnection", description: "A page of AI activity." },
    { name: "AIActivityEdge" },
  ),
);
