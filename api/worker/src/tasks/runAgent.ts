import type { AgentRuntime } from "@shiplog/core";
import { runAgentExecution } from "@shiplog/core/agent";
import { z } from "zod";
import { defineTask } from "../task.ts";

/**
 * Carries out one agent execution. Whatever goes wrong with the database, the job is done: the lease runs out and
 * the sweep enqueues a fresh one, so the runner's own slow retries are never waited for.
 */
export const runAgentTask = (agents: AgentRuntime) =>
  defineTask({
    name: "run_agent",
    payload: z.object({ id: z.uuid() }),
    async run(ctx, { id }, { log, signal, worker }) {
      try {
        const outcome = await runAgentExecution(ctx, agents, { id, worker, signal });
        log.info({ executionId: id, outcome }, "agent run");
      } catch (error) {
        log.error({ executionId: id, error }, "an agent run was cut off");
      }
    },
  });
