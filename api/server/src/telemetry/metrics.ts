import type { TaskName } from "@shiplog/core";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { createInstruments } from "./instruments.ts";

export type StatementClass = "select" | "insert" | "update" | "delete" | "transaction" | "other";
export type Outcome = "ok" | "failed";

/** The label of whatever is not of the fixed set: nobody outside can make a series up. */
export const OTHER = "other";

/** A label's value as it may be shown: one of a fixed set. */
function oneOf(known: ReadonlySet<string>, value: string): string {
  return known.has(value) ? value : OTHER;
}

const METHODS = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]);
const STATUSES = new Set(["completed", "failed", "cancelled", "success", "skipped"]);

export interface MetricSets {
  readonly providers: ReadonlySet<string>;
}

/** Every metric of a process; the only place where one is made. */
export function createMetrics(sets: MetricSets) {
  const registry = new Registry();
  const registers = [registry];
  const agentTypes = new Set<string>();
  collectDefaultMetrics({ register: registry });
  const { http, opened, graphql, database, agent, step, pipeline, wait, job, outgoing, tool, bus } =
    createInstruments(registers);
  return {
    registry,
    /** Agents that this installation runs itself; all others are "external". */
    knowAgents: (types: Iterable<string>) => {
      for (const type of types) agentTypes.add(type);
    },
    request: (route: string, method: string, status: number, ms: number) =>
      http.observe({ route, method: oneOf(METHODS, method), status: statusClass(status) }, ms / 1_000),
    streamOpened: (transport: "sse" | "websocket") => opened.inc({ transport }),
    operation: (name: string | null, outcome: Outcome, ms: number) =>
      graphql.observe({ operation: name ?? "ad-hoc", outcome }, ms / 1_000),
    statement: (statement: StatementClass, outcome: Outcome, ms: number) =>
      database.observe({ statement, outcome }, ms / 1_000),
    agentEnded: (type: string, status: string, ms: number) =>
      agent.observe(
        { agent_type: agentTypes.has(type) ? type : "external", status: oneOf(STATUSES, status) },
        ms / 1_000,
      ),
    agentStep: (type: string, outcome: Outcome, ms: number) =>
      step.observe({ agent_type: oneOf(agentTypes, type), outcome }, ms / 1_000),
    pipelineEnded: (provider: string, status: string, ms: number) =>
      pipeline.observe(
        { provider: oneOf(sets.providers, provider), status: oneOf(STATUSES, status) },
        ms / 1_000,
      ),
    jobWaited: (task: TaskName, ms: number) => wait.observe({ task }, Math.max(0, ms) / 1_000),
    job: (task: TaskName, outcome: Outcome, ms: number) => job.observe({ task, outcome }, ms / 1_000),
    outgoing: (outcome: Outcome, ms: number) => outgoing.observe({ outcome }, ms / 1_000),
    toolCall: (outcome: Outcome, ms: number) => tool.observe({ outcome }, ms / 1_000),
    busLag: (ms: number) => bus.observe(ms / 1_000),
    /** A value that is read when somebody asks. */
    gauge: <L extends string>(
      name: string,
      help: string,
      labelNames: readonly L[],
      collect: (gauge: Gauge<L>) => void | Promise<void>,
    ) => {
      new Gauge({
        name,
        help,
        labelNames: [...labelNames],
        registers,
        async collect() {
          await collect(this as unknown as Gauge<L>);
        },
      });
    },
    /** A total that somebody else keeps. */
    total: (name: string, help: string, read: () => number) => {
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    },
  };
}

export type Metrics = ReturnType<typeof createMetrics>;

function statusClass(status: number): string {
  return status >= 100 && status < 600 ? `${Math.floor(status / 100)}xx` : OTHER;
}
