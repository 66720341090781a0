import { Counter, Histogram, type Registry } from "prom-client";

/** Seconds. */
const FAST = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const SLOW = [0.1, 0.5, 1, 2.5, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600];

/** What is measured as it happens, in seconds, by labels whose values are all fixed. */
export function createInstruments(registers: Registry[]) {
  const histogram = <L extends string>(name: string, help: string, labelNames: L[], buckets = FAST) =>
    new Histogram({ name, help, labelNames, buckets, registers });

  const http = histogram("shiplog_http_request_duration_seconds", "HTTP requests by route template.", [
    "route",
    "method",
    "status",
  ]);
  const opened = new Counter({
    name: "shiplog_http_streams_opened_total",
    help: "Event streams and WebSockets that were opened.",
    labelNames: ["transport"],
    registers,
  });
  const graphql = histogram(
    "shiplog_graphql_operation_duration_seconds",
    "GraphQL operations by the name of the trusted document, of streams their opening; all others are ad-hoc.",
    ["operation", "outcome"],
  );
  const database = histogram(
    "shiplog_db_query_duration_seconds",
    "SQL statements, without the wait for a connection.",
    ["statement", "outcome"],
  );
  const agent = histogram(
    "shiplog_agent_execution_duration_seconds",
    "Agent executions that ended, from their start.",
    ["agent_type", "status"],
    SLOW,
  );
  const step = histogram(
    "shiplog_agent_step_duration_seconds",
    "Steps of agent executions.",
    ["agent_type", "outcome"],
    SLOW,
  );
  const pipeline = histogram(
    "shiplog_pipeline_duration_seconds",
    "Pipeline executions that ended.",
    ["provider", "status"],
    SLOW,
  );
  const wait = histogram(
    "shiplog_queue_wait_seconds",
    "Time between when a job was due and when it began.",
    ["task"],
    [...FAST, 30, 120],
  );
  const job = histogram("shiplog_job_duration_seconds", "Jobs.", ["task", "outcome"], [...FAST, 60, 600]);
  const outgoing = histogram("shiplog_outgoing_request_duration_seconds", "Requests to other servers.", [
    "outcome",
  ]);
  const tool = histogram("shiplog_tool_call_duration_seconds", "Tool calls of agents.", ["outcome"]);
  const bus = histogram(
    "shiplog_bus_lag_seconds",
    "Time that a wake-up of this process took through PostgreSQL or Redis and back.",
    [],
  );

  return { http, opened, graphql, database, agent, step, pipeline, wait, job, outgoing, tool, bus };
}
