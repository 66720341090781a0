import { providers } from "@shiplog/ingest/providers";
import type { Env } from "../env.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { ProcessLog } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { createWatch, type Watch } from "./telemetry.ts";
import { openTraces, type Traces } from "./traces.ts";

/** How a process is seen from outside. */
export interface Seeing {
  readonly log: ProcessLog;
  readonly metrics: Metrics;
  /** Null: traces are exported nowhere, and OpenTelemetry is not loaded. */
  readonly traces: Traces | null;
  readonly watch: Watch;
}

/** Metrics, and traces where they are configured. */
export async function openSeeing(env: Env, log: ProcessLog, lifecycle: Lifecycle): Promise<Seeing> {
  const metrics = createMetrics({ providers: new Set(providers.keys()) });
  const traces = env.traces ? await openTraces({ ...env.traces, log }) : null;
  if (traces) lifecycle.onStop("traces", () => traces.stop());
  return { log, metrics, traces, watch: createWatch(metrics, traces) };
}
