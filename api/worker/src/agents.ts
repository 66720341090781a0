import { type AgentRuntimeOptions, createAgentRuntime } from "@shiplog/agents";
import type { AgentRuntime } from "@shiplog/core";

/** The agents that a worker can run; every role builds them, because starting a run needs their names. */
export function createAgents(options: AgentRuntimeOptions): AgentRuntime {
  return createAgentRuntime(options);
}
