import type { AgentTypeInfo } from "@shiplog/core";
import { builder } from "../builder.ts";
import { heavy, pageComplexity } from "../shared/complexity.ts";
import { AgentExecutionStatus } from "../shared/enums.ts";
import { uuidOrNull } from "../shared/ids.ts";
import { ID } from "../shared/node.ts";
import { projectPage } from "../shared/page.ts";
import { findVisible, visible } from "../shared/visible.ts";
import { AgentExecution } from "./type.ts";

const AgentType = builder.objectRef<AgentTypeInfo>("AgentType").implement({
  description: "An agent that Shiplog can run itself.",
  fields: (t) => ({
    name: t.exposeString("type", { description: "For `agentType` of `startAgentExecution`." }),
    description: t.exposeString("description", { description: "What it does." }),
    needsWorkspace: t.exposeBoolean("needsWorkspace", {
      description: "It reads a folder: `inputData.path`, or the one folder that is linked to the project.",
    }),
  }),
});

const EventContent = builder.prismaNode("EventContent", {
  id: ID,
  select: { id: true },
  description: "The whole of a text, of arguments or of a result that was too long for its event.",
  fields: (t) => ({
    mediaType: t.exposeString("mediaType", { description: "text/plain or application/json." }),
    body: t.exposeString("body", { complexity: heavy(20), description: "The whole; may be large." }),
  }),
});

builder.queryFields((t) => ({
  agentExecution: t.field({
    type: AgentExecution,
    nullable: true,
    description: "An agent execution by id; null when it is missing or foreign.",
    authScopes: { can: "agent.read" },
    extensions: visible("AgentExecution"),
    args: { id: t.arg.id({ required: true, description: "Its id." }) },
    resolve: (_root, { id }, ctx, info) =>
      findVisible(ctx, info, "AgentExecution", uuidOrNull("AgentExecution", id)),
  }),
  agentExecutions: t.connection(
    {
      type: AgentExecution,
      nullable: true,
      description:
        "A project's agent executions; null when the project is missing or foreign. Two statements, plus relations.",
      authScopes: { can: "agent.read" },
      extensions: visible("AgentExecution"),
      complexity: pageComplexity,
      args: {
        projectId: t.arg.id({ required: true, description: "The project." }),
        status: t.arg({ type: [AgentExecutionStatus], description: "Only in one of these states." }),
      },
      resolve: (_root, args, ctx, info) =>
        projectPage(ctx, info, args, {
          model: "AgentExecution",
          sort: "createdAt",
          permission: "agent.read",
          where: args.status ? { status: { in: args.status } } : {},
        }),
    },
    { name: "AgentExecutionConnection", description: "A page of agent executions." },
    { name: "AgentExecutionEdge" },
  ),
  agentTypes: t.field({
    type: [AgentType],
    description:
      "The agents that this installation runs itself; external runs may name any type. No statement.",
    authScopes: { signedIn: true },
    resolve: (_root, _args, { core }) => [...core.agentTypes],
  }),
  eventContent: t.field({
    type: EventContent,
    nullable: true,
    description: "A stored content by id; null when it is missing or foreign.",
    authScopes: { can: "agent.read" },
    extensions: visible("EventContent"),
    args: { id: t.arg.id({ required: true, description: "`contentId` of an event." }) },
    resolve: (_root, { id }, ctx, info) =>
      findVisible(ctx, info, "EventContent", uuidOrNull("EventContent", id)),
  }),
}));
