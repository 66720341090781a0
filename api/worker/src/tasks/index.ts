import type { AgentRuntime } from "@shiplog/core";
import type { IntakeProviders } from "@shiplog/core/project";
import type { TaskDefinition } from "../task.ts";
import { processDeliveryTask } from "./processDelivery.ts";
import { pruneDeltasTask } from "./pruneDeltas.ts";
import { runAgentTask } from "./runAgent.ts";

/** Every kind of job that a worker takes. */
export function allTasks(agents: AgentRuntime, providers: IntakeProviders): readonly TaskDefinition[] {
  return [runAgentTask(agents), processDeliveryTask(providers), pruneDeltasTask];
}
