import { encodeId } from "@shiplog/core";
import type { StoredEvent } from "@shiplog/core/live";
import type { PipelineStatus as PipelineState } from "@shiplog/core/pipeline";
import { AIActivity } from "../activity/type.ts";
import { AgentExecution } from "../agent/type.ts";
import { builder } from "../builder.ts";
import { Deployment } from "../pipeline/deployment.ts";
import { PipelineExecution } from "../pipeline/type.ts";
import { pageComplexity } from "../shared/complexity.ts";
import { AgentExecutionStatus, DeploymentStatus, PipelineStatus } from "../shared/enums.ts";
import { AT, batchType, type EventOf, SEQ } from "../shared/live.ts";
import { planned, visibleMany, visibleOne } from "../shared/visible.ts";

const ProjectEvent = builder.interfaceRef<StoredEvent>("ProjectEvent").implement({
  description:
    "Something that happened in a project: states only, details are in the executions' own streams.",
  fields: (t) => ({
    seq: t.exposeInt("seq", { description: SEQ }),
    at: t.expose("at", { type: "DateTime", description: AT }),
  }),
  resolveType: (event) => event.type,
});

const interfaces = [ProjectEvent] as never[];
const TITLE = "One line that names it.";

interface AgentData {
  readonly executionId: string;
  readonly status: "pending" | "running" | "waiting_approval" | "completed" | "failed" | "cancelled";
  readonly title: string;
}

builder.objectRef<EventOf<AgentData>>("AgentExecutionChanged").implement({
  description: "An agent execution reached a state.",
  interfaces,
  fields: (t) => ({
    executionId: t.id({
      description: "The execution's id.",
      resolve: ({ data }) => encodeId("AgentExecution", data.executionId),
    }),
    status: t.field({
      type: AgentExecutionStatus,
      description: "The state.",
      resolve: ({ data }) => data.status,
    }),
    title: t.string({ description: TITLE, resolve: ({ data }) => data.title }),
    execution: t.loadable({
      type: AgentExecution,
      nullable: true,
      description:
        "The execution as it is now, not as it was then; null when it is gone or not visible. One statement per batch.",
      ...visibleOne("AgentExecution"),
      resolve: planned(({ data }) => data.executionId),
    }),
  }),
});

interface PipelineData {
  readonly executionId: string;
  readonly status: PipelineState;
  readonly title: string;
}

builder.objectRef<EventOf<PipelineData>>("PipelineExecutionChanged").implement({
  description: "A pipeline reached a state.",
  interfaces,
  fields: (t) => ({
    executionId: t.id({
      description: "The pipeline's id.",
      resolve: ({ data }) => encodeId("PipelineExecution", data.executionId),
    }),
    status: t.field({ type: PipelineStatus, description: "The state.", resolve: ({ data }) => data.status }),
    title: t.string({ description: TITLE, resolve: ({ data }) => data.title }),
    execution: t.loadable({
      type: PipelineExecution,
      nullable: true,
      description:
        "The pipeline as it is now, not as it was then; null when it is gone or not visible. One statement per batch.",
      ...visibleOne("PipelineExecution"),
      resolve: planned(({ data }) => data.executionId),
    }),
  }),
});

interface DeploymentData {
  readonly deploymentId: string;
  readonly status: "queued" | "waiting" | "running" | "success" | "failed" | "cancelled" | "inactive";
  readonly title: string;
}

builder.objectRef<EventOf<DeploymentData>>("DeploymentChanged").implement({
  description: "A deployment reached a state.",
  interfaces,
  fields: (t) => ({
    deploymentId: t.id({
      description: "The deployment's id.",
      resolve: ({ data }) => encodeId("Deployment", data.deploymentId),
    }),
    status: t.field({
      type: DeploymentStatus,
      description: "The state.",
      resolve: ({ data }) => data.status,
    }),
    title: t.string({ description: TITLE, resolve: ({ data }) => data.title }),
    deployment: t.loadable({
      type: Deployment,
      nullable: true,
      description:
        "The deployment as it is now; null when it is gone or not visible. One statement per batch.",
      ...visibleOne("Deployment"),
      resolve: planned(({ data }) => data.deploymentId),
    }),
  }),
});

interface ActivitiesData {
  readonly count: number;
  readonly activityIds: readonly string[];
}

builder.objectRef<EventOf<ActivitiesData>>("AIActivitiesRecorded").implement({
  description: "AI activity was recorded; bulk intake makes one event of many.",
  interfaces,
  fields: (t) => ({
    count: t.int({ description: "How many.", resolve: ({ data }) => data.count }),
    activities: t.loadableList({
      type: AIActivity,
      description: "The newest of them, those that are still there and visible. One statement per batch.",
      args: { first: t.arg.int({ defaultValue: 10, description: "At most so many, up to 100." }) },
      complexity: pageComplexity,
      ...visibleMany("AIActivity", async (_ctx, keys) => new Map(keys.map((key) => [key, split(key)]))),
      resolve: planned(({ data }, { first }) =>
        data.activityIds.slice(0, Math.max(0, Math.min(first ?? 10, 100))).join(","),
      ),
    }),
  }),
});

const split = (key: string) => key.split(",").filter((id) => id !== "");

export const ProjectEventBatch = batchType("ProjectEvent", ProjectEvent);
