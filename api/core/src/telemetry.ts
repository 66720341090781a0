import { currentCorrelation } from "./correlation.ts";
import type { TaskName } from "./ports.ts";

/** Work that takes time; a metric's label is never taken from what a caller can make up. */
export type Work =
  | { readonly kind: "job"; readonly task: TaskName }
  | { readonly kind: "agent_step"; readonly agentType: string; readonly step: string }
  | { readonly kind: "tool_call"; readonly server: string; readonly tool: string }
  | { readonly kind: "outgoing_request"; readonly method: string; readonly host: string };

/** Something that happened, told after its transaction committed. Durations are milliseconds. */
export type Fact =
  | {
      readonly kind: "agent_execution_ended";
      readonly agentType: string;
      readonly status: string;
      /** Null: it never began. */
      readonly ms: number | null;
    }
  | {
      readonly kind: "pipeline_ended";
      readonly provider: string;
      readonly status: string;
      /** Null: the provider did not say when it began or ended. */
      readonly ms: number | null;
    }
  | { readonly kind: "job_waited"; readonly task: TaskName; readonly ms: number };

/** Metrics and traces; the composition root binds it. Nothing it does can fail the work it watches. */
export interface Telemetry {
  /** Times the work and, when traces are exported, makes it a span. */
  measure<T>(work: Work, run: () => Promise<T>): Promise<T>;
  note(fact: Fact): void;
  /** The W3C traceparent to send along with a request, job or tool call; null: no trace is known. */
  traceparent(): string | null;
}

/** Watches nothing; hands the trace of a caller on. */
export const SILENT: Telemetry = {
  measure: (_, run) => run(),
  note() {},
  traceparent: () => currentCorrelation()?.traceparent ?? null,
};
