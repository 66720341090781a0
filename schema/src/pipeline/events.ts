import { encodeId } from "@shiplog/core";
import type { StoredEvent } from "@shiplog/core/live";
import type { PipelineStatus as Status } from "@shiplog/core/pipeline";
import { builder } from "../builder.ts";
import { DeploymentStatus, PipelineStatus } from "../shared/enums.ts";
import { AT, batchType, type EventOf, SEQ } from "../shared/live.ts";
import { planned, visible, visibleOne } from "../shared/visible.ts";
import { Deployment } from "./deployment.ts";
import { jobOf, PipelineJob, type StoredJob } from "./job.ts";
import { PipelineExecution } from "./type.ts";

const PipelineExecutionEvent = builder.interfaceRef<StoredEvent>("PipelineExecutionEvent").implement({
  description: "Something that happened in a pipeline.",
  fields: (t) => ({
    seq: t.exposeInt("seq", { description: SEQ }),
    at: t.expose("at", { type: "DateTime", description: AT }),
  }),
  resolveType: (event) => event.type,
});

const interfaces = [PipelineExecutionEvent] as never[];

builder
  .objectRef<EventOf<{ status: Status }> & { readonly streamId?: string }>("PipelineStatusChanged")
  .implement({
    description: "The pipeline reached a state; a final one ends the stream.",
    interfaces,
    fields: (t) => ({
      status: t.field({
        type: PipelineStatus,
        description: "The state.",
        resolve: ({ data }) => data.status,
      }),
      pipeline: t.loadable({
        type: PipelineExecution,
        nullable: true,
        description:
          "The pipeline as it is now, not as it was then; null when it is gone. One statement per batch.",
        ...visibleOne("PipelineExecution"),
        resolve: planned((event) => event.streamId ?? null),
      }),
    }),
  });

builder.objectRef<EventOf<{ job: StoredJob }>>("PipelineJobChanged").implement({
  description: "A job or one of its steps changed.",
  interfaces,
  fields: (t) => ({
    job: t.field({
      type: PipelineJob,
      description: "The job as it was then, with its steps; costs no statement.",
      extensions: visible("parent"),
      resolve: ({ data }) => jobOf(data.job),
    }),
  }),
});

interface DeploymentData {
  readonly deploymentId: string;
  readonly environment: string;
  readonly status: Deployed;
}
type Deployed = "queued" | "waiting" | "running" | "success" | "failed" | "cancelled" | "inactive";

builder.objectRef<EventOf<DeploymentData>>("PipelineDeploymentChanged").implement({
  description: "A deployment of this pipeline reached a state.",
  interfaces,
  fields: (t) => ({
    deploymentId: t.id({
      description: "The deployment's id.",
      resolve: ({ data }) => encodeId("Deployment", data.deploymentId),
    }),
    environment: t.string({ description: "Where to, by name.", resolve: ({ data }) => data.environment }),
    status: t.field({
      type: DeploymentStatus,
      description: "The state.",
      resolve: ({ data }) => data.status,
    }),
    deployment: t.loadable({
      type: Deployment,
      nullable: true,
      description: "The deployment as it is now; null when it is gone. One statement per batch.",
      ...visibleOne("Deployment"),
      resolve: planned(({ data }) => data.deploymentId),
    }),
  }),
});

export const PipelineExecutionEventBatch = batchType("PipelineExecutionEvent", PipelineExecutionEvent);
