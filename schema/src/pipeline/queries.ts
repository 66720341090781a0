import { cleanText } from "@shiplog/core";
import { builder } from "../builder.ts";
import { pageComplexity } from "../shared/complexity.ts";
import { PipelineStatus } from "../shared/enums.ts";
import { uuidOrNull } from "../shared/ids.ts";
import { projectPage } from "../shared/page.ts";
import { findVisible, visible } from "../shared/visible.ts";
import { Deployment } from "./deployment.ts";
import { PipelineExecution } from "./type.ts";

builder.queryFields((t) => ({
  pipelineExecution: t.field({
    type: PipelineExecution,
    nullable: true,
    description: "A pipeline by id; null when it is missing or foreign.",
    authScopes: { can: "pipeline.read" },
    extensions: visible("PipelineExecution"),
    args: { id: t.arg.id({ required: true, description: "Its id." }) },
    resolve: (_root, { id }, ctx, info) =>
      findVisible(ctx, info, "PipelineExecution", uuidOrNull("PipelineExecution", id)),
  }),
  pipelineExecutions: t.connection(
    {
      type: PipelineExecution,
      nullable: true,
      description:
        "A project's pipelines; null when the project is missing or foreign. Two statements, plus relations.",
      authScopes: { can: "pipeline.read" },
      extensions: visible("PipelineExecution"),
      complexity: pageComplexity,
      args: {
        projectId: t.arg.id({ required: true, description: "The project." }),
        status: t.arg({ type: [PipelineStatus], description: "Only in one of these states." }),
        branch: t.arg.string({ description: "Only of this branch." }),
      },
      resolve: (_root, args, ctx, info) =>
        projectPage(ctx, info, args, {
          model: "PipelineExecution",
          sort: "createdAt",
          permission: "pipeline.read",
          where: {
            ...(args.status && { status: { in: args.status } }),
            ...(args.branch != null && { branch: cleanText(args.branch) }),
          },
        }),
    },
    { name: "PipelineExecutionConnection", description: "A page of pipelines." },
    { name: "PipelineExecutionEdge" },
  ),
  deployments: t.connection(
    {
      type: Deployment,
      nullable: true,
      description:
        "A project's deployments; null when the project is missing or foreign. Two statements, plus relations.",
      authScopes: { can: "pipeline.read" },
      extensions: visible("Deployment"),
      complexity: pageComplexity,
      args: { projectId: t.arg.id({ required: true, description: "The project." }) },
      resolve: (_root, args, ctx, info) =>
        projectPage(ctx, info, args, {
          model: "Deployment",
          sort: "createdAt",
          permission: "pipeline.read",
          where: {},
        }),
    },
    { name: "DeploymentConnection", description: "A page of deployments." },
    { name: "DeploymentEdge" },
  ),
}));
