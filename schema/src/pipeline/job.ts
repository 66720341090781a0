import { encodeId } from "@shiplog/core";
import { medianJobDurations } from "@shiplog/core/metrics";
import type { PipelineStatus as Status } from "@shiplog/core/pipeline";
import { builder } from "../builder.ts";
import { computed, durationMs } from "../shared/batch.ts";
import { PipelineStatus } from "../shared/enums.ts";

interface Span {
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
}

interface StepShape extends Span {
  readonly number: number;
  readonly name: string;
  readonly status: Status;
  readonly rawConclusion: string | null;
}

/** A job with its steps: as it is now, from its rows, or as it was, from an event. */
export interface JobShape extends Span {
  /** UUID. */
  readonly id: string;
  readonly name: string;
  readonly status: Status;
  readonly rawStatus: string | null;
  readonly rawConclusion: string | null;
  readonly runnerName: string | null;
  readonly labels: readonly string[];
  readonly url: string | null;
  readonly queuedAt: Date | null;
  readonly steps?: readonly StepShape[];
}

const PipelineStep = builder.objectRef<StepShape>("PipelineStep").implement({
  description: "A step of a job.",
  fields: (t) => ({
    number: t.exposeInt("number", { description: "Its place in the job, from 1." }),
    name: t.exposeString("name", { description: "As the workflow names it." }),
    status: t.expose("status", { type: PipelineStatus, description: "Where it stands." }),
    rawConclusion: t.exposeString("rawConclusion", {
      nullable: true,
      description: "The provider's own word; null until it ends.",
    }),
    startedAt: t.expose("startedAt", {
      type: "DateTime",
      nullable: true,
      description: "Null until it starts.",
    }),
    completedAt: t.expose("completedAt", {
      type: "DateTime",
      nullable: true,
      description: "Null until it ends.",
    }),
    durationMs: t.float({
      nullable: true,
      description: "Milliseconds from start to end; null until it ends.",
      resolve: durationMs,
    }),
  }),
});

export const PipelineJob = builder.objectRef<JobShape>("PipelineJob").implement({
  description: "A job of a pipeline: as it is now, or, in an event, as it was then.",
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({
      description: "Opaque public id; stable for the life of the object.",
      resolve: (job) => encodeId("PipelineJob", job.id),
    }),
    name: t.exposeString("name", { description: "As the workflow names it, its matrix included." }),
    status: t.expose("status", { type: PipelineStatus, description: "Where it stands." }),
    rawStatus: t.exposeString("rawStatus", {
      nullable: true,
      description: "The provider's own word; null if none.",
    }),
    rawConclusion: t.exposeString("rawConclusion", {
      nullable: true,
      description: "The provider's own word for its end; null until then.",
    }),
    runnerName: t.exposeString("runnerName", {
      nullable: true,
      description: "Null until a runner takes it.",
    }),
    labels: t.stringList({ description: "What it asks of its runner.", resolve: (job) => [...job.labels] }),
    url: t.exposeString("url", {
      nullable: true,
      description: "Its page at the provider; null when not told.",
    }),
    queuedAt: t.expose("queuedAt", { type: "DateTime", nullable: true, description: "Null when not told." }),
    startedAt: t.expose("startedAt", {
      type: "DateTime",
      nullable: true,
      description: "Null until it starts.",
    }),
    completedAt: t.expose("completedAt", {
      type: "DateTime",
      nullable: true,
      description: "Null until it ends.",
    }),
    durationMs: t.float({
      nullable: true,
      description: "Milliseconds from start to end; null until it ends.",
      resolve: durationMs,
    }),
    medianDurationMs: t.loadable({
      type: "Float",
      nullable: true,
      description:
        "How long it usually takes: the median of its last 20 good runs (ms); null without any. One statement for all jobs of a list.",
      ...computed(medianJobDurations),
      resolve: (job) => job.id,
    }),
    steps: t.field({
      type: [PipelineStep],
      description: "Its steps in order.",
      resolve: (job) => [...(job.steps ?? [])],
    }),
  }),
});

type Stored<T> = { readonly [K in keyof T]: T[K] extends Date | null ? string | null : T[K] };

/** A job as an event stores it: times as text. */
export type StoredJob = Omit<Stored<JobShape>, "steps"> & { readonly steps?: readonly Stored<StepShape>[] };

const date = (text: string | null | undefined) => (text ? new Date(text) : null);

function spanOf(stored: { readonly startedAt?: string | null; readonly completedAt?: string | null }): Span {
  return { startedAt: date(stored.startedAt), completedAt: date(stored.completedAt) };
}

export function jobOf(stored: StoredJob): JobShape {
  const steps = (stored.steps ?? []).map((step) => ({ ...step, ...spanOf(step) }));
  return {
    ...stored,
    ...spanOf(stored),
    queuedAt: date(stored.queuedAt),
    labels: stored.labels ?? [],
    steps,
  };
}
