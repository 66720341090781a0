export { AgentExecutionEndedError, BatchOutOfOrderError, InvalidStatusError } from "./errors.ts";
export { titleOf } from "./events.ts";
export type { RunOutcome } from "./executor/conclude.ts";
export { type RunOptions, runAgentExecution } from "./executor/run.ts";
export type { AgentEventInput, UsageInput } from "./input.ts";
export {
  type AppendAgentExecutionEventsInput,
  type AppendAgentExecutionEventsResult,
  appendAgentExecutionEvents,
} from "./operations/append.ts";
export { cancelAgentExecution } from "./operations/cancel.ts";
export { type FinishAgentExecutionInput, finishAgentExecution } from "./operations/finish.ts";
export { type RetryAgentExecutionInput, retryAgentExecution } from "./operations/retry.ts";
export { type StartAgentExecutionInput, startAgentExecution } from "./operations/start.ts";
export { compactRunning, pruneDeltas } from "./prune.ts";
export { type AgentExecutionStatus, type EndStatus, isEnded } from "./status.ts";
export { type Swept, sweepAgentExecutions } from "./sweep.ts";
export { eventContentVisibility, executionVisibility } from "./visibility.ts";
