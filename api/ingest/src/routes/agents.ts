import { z } from "@hono/zod-openapi";
import { decodeIdAs, encodeId, NotFoundError } from "@shiplog/core";
import { startAgentExecution } from "@shiplog/core/agent";
import type { RestApp } from "../http/env.ts";
import { envelope, ok } from "../http/envelope.ts";
import { actorOf, defineRoute } from "../http/route.ts";

type Execution = Awaited<ReturnType<typeof startAgentExecution>>;

const body = z
  .object({
    projectId: z.string().max(100).openapi({ example: "prj_01kaq3v8x2d5w0y9b7c4e6f1g3" }),
    path: z
      .string()
      .min(1)
      .max(4096)
      .regex(/^[^\0]*$/)
      .nullish()
      .openapi({ description: "A folder in a workspace; absent: the one that is linked to the project." }),
  })
  .openapi("AnalyzeInput");

const execution = z
  .object({
    id: z.string().openapi({ example: "aex_01kaq3v8x2d5w0y9b7c4e6f1g3" }),
    projectId: z.string(),
    agentType: z.string(),
    taskDescription: z.string(),
    status: z.enum(["pending", "running", "waiting_approval", "completed", "failed", "cancelled"]),
    createdAt: z.iso.datetime(),
    url: z.string().openapi({ description: "The run's page in the dashboard." }),
  })
  .openapi("AgentExecution");

const analyze = defineRoute(
  { access: "actor", errors: [404], action: "agent_execution.start" },
  {
    method: "post",
    path: "/api/v1/agents/analyze",
    operationId: "analyze",
    tags: ["agents"],
    summary: "Analyse a project",
    description:
      "Starts a run of the agent `analyze`. A key needs the scope agent:write, a person the role developer. " +
      "Watch it with the GraphQL subscription agentExecutionEvents.",
    request: { body: { required: true, content: { "application/json": { schema: body } } } },
    responses: {
      202: {
        description: "The run was accepted and starts in a moment.",
        content: { "application/json": { schema: envelope(execution) } },
      },
    },
  },
);

export function registerAgents(app: RestApp): void {
  app.openapi(analyze, async (c) => {
    const { projectId, path } = c.req.valid("json");
    const id = decodeIdAs("Project", projectId);
    if (!id) throw new NotFoundError("project");
    const started = await startAgentExecution(c.var.ctx, actorOf(c), {
      projectId: id,
      agentType: "analyze",
      taskDescription: path ? `Analyse ${path}` : "Analyse the project",
      inputData: path ? { path } : {},
    });
    return c.json(ok(c, show(started, c.var.ctx.settings.publicUrl)), 202);
  });
}

function show(started: Execution, publicUrl: string): z.infer<typeof execution> {
  const id = encodeId("AgentExecution", started.id);
  return {
    id,
    projectId: encodeId("Project", started.projectId),
    agentType: started.agentType,
    taskDescription: started.taskDescription,
    status: started.status,
    createdAt: started.createdAt.toISOString(),
    url: `${publicUrl}/runs/${id}`,
  };
}
