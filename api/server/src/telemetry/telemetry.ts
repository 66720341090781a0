import { currentCorrelation, type Fact, type Telemetry, type Work } from "@shiplog/core";
import type { Metrics, Outcome, StatementClass } from "./metrics.ts";
import type { Traces } from "./traces.ts";

export interface Watch extends Telemetry {
  /** Told of each SQL statement before it runs; the answer is called at its end. */
  readonly onStatement: (sql: string) => (failed: boolean) => void;
}

/** Metrics always, spans where traces are exported. */
export function createWatch(metrics: Metrics, traces: Traces | null): Watch {
  return {
    async measure(work, run) {
      const began = performance.now();
      const span = traces?.begin(...spanOf(work));
      let outcome: Outcome = "failed";
      try {
        const result = await (span ? span.within(run) : run());
        outcome = "ok";
        return result;
      } finally {
        count(metrics, work, outcome, performance.now() - began);
        span?.end(outcome === "failed");
      }
    },
    note: (fact) => note(metrics, fact),
    traceparent: () => (traces ? traces.traceparent() : (currentCorrelation()?.traceparent ?? null)),
    onStatement: (sql) => {
      const began = performance.now();
      const statement = classOf(sql);
      // What the process does by itself is no trace: a statement alone tells nothing.
      const span = traces?.traceparent()
        ? traces.begin(`sql ${statement}`, "client", {
            "db.system.name": "postgresql",
            "db.operation.name": statement,
          })
        : null;
      return (failed) => {
        metrics.statement(statement, failed ? "failed" : "ok", performance.now() - began);
        span?.end(failed);
      };
    },
  };
}

function spanOf(work: Work): Parameters<Traces["begin"]> {
  switch (work.kind) {
    case "job":
      return [`job ${work.task}`, "consumer", { "shiplog.task": work.task }];
    case "agent_step":
      return [
        `agent step ${work.agentType}/${work.step}`,
        "internal",
        { "shiplog.agent.type": work.agentType, "shiplog.agent.step": work.step },
      ];
    case "tool_call":
      return [
        `tool ${work.server}/${work.tool}`,
        "client",
        { "shiplog.tool": `${work.server}/${work.tool}` },
      ];
    case "outgoing_request":
      return [
        `${work.method} ${work.host}`,
        "client",
        { "http.request.method": work.method, "server.address": work.host },
      ];
  }
}

function count(metrics: Metrics, work: Work, outcome: Outcome, ms: number): void {
  switch (work.kind) {
    case "job":
      metrics.job(work.task, outcome, ms);
      break;
    case "agent_step":
      metrics.agentStep(work.agentType, outcome, ms);
      break;
    case "tool_call":
      metrics.toolCall(outcome, ms);
      break;
    case "outgoing_request":
      metrics.outgoing(outcome, ms);
      break;
  }
}

function note(metrics: Metrics, fact: Fact): void {
  switch (fact.kind) {
    case "agent_execution_ended":
      metrics.agentEnded(fact.agentType, fact.status, fact.ms ?? 0);
      break;
    case "pipeline_ended":
      if (fact.ms !== null) metrics.pipelineEnded(fact.provider, fact.status, fact.ms);
      break;
    case "job_waited":
      metrics.jobWaited(fact.task, fact.ms);
      break;
  }
}

const VERBS: Readonly<Record<string, StatementClass>> = {
  select: "select",
  with: "select",
  insert: "insert",
  update: "update",
  delete: "delete",
  begin: "transaction",
  commit: "transaction",
  rollback: "transaction",
  savepoint: "transaction",
  set: "transaction",
};

/** By its first word: the text itself could hold anything. */
function classOf(sql: string): StatementClass {
  const [, verb = ""] = /^[\s(]*([a-z]+)/i.exec(sql.slice(0, 100)) ?? [];
  return VERBS[verb.toLowerCase()] ?? "other";
}
