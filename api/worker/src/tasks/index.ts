import type { AgentRuntime } from "@shiplog/core";
import type { IntakeProviders } from "@shiplog/core/project";
import type { TaskDefinition } from "../task.ts";
import { applyRetentionTask } from "./applyRetention.ts";
import { compactRunsTask } from "./compactRuns.ts";
import { processDeliveryTask } from "./processDelivery.ts";
import { pruneDeltasTask } from "./pruneDeltas.ts";
import { rewrapSecretsTask } from "./rewrapSecrets.ts";
import { runAgentTask } from "./runAgent.ts";
import { sendInvitationTask } from "./sendInvitation.ts";
import { sendPasswordResetTask } from "./sendPasswordReset.ts";
import { tendAccountsTask } from "./tendAccounts.ts";

/** Every kind of job that a worker takes. */
export function allTasks(agents: AgentRuntime, providers: IntakeProviders): readonly TaskDefinition[] {
  return [
    runAgentTask(agents),
    processDeliveryTask(providers),
    pruneDeltasTask,
    applyRetentionTask,
    sendPasswordResetTask,
    sendInvitationTask,
    tendAccountsTask,
    rewrapSecretsTask,
    compactRunsTask,
  ];
}
