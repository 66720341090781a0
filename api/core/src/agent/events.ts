import type { Context } from "../context.ts";
import type { Appended, NewEvent } from "../live/index.ts";
import { record } from "../transaction.ts";
import type { AgentExecutionStatus } from "./status.ts";
import { isEnded } from "./status.ts";

/** What the events of an execution say about it. */
export interface ExecutionHeadline {
  readonly id: string;
  readonly projectId: string;
  readonly agentType: string;
  readonly taskDescription: string;
}

export interface StatusNews {
  readonly status: AgentExecutionStatus;
  readonly errorMessage: string | null;
  readonly attempt: number;
}

const TITLE_CHARS = 200;

/** One line that names the execution in lists and project events. */
export function titleOf(execution: Pick<ExecutionHeadline, "agentType" | "taskDescription">): string {
  const line = execution.taskDescription.split("\n", 1)[0]?.trim() ?? "";
  return line === "" ? execution.agentType : line.slice(0, TITLE_CHARS).toWellFormed();
}

/**
 * Records a status in the execution's stream, after the events of `before`, and in its project's. A terminal
 * status completes the execution's stream.
 */
export function recordStatus(
  tx: Context,
  execution: ExecutionHeadline,
  news: StatusNews,
  before: readonly NewEvent[] = [],
): void {
  const { status, errorMessage, attempt } = news;
  record(tx, {
    kind: "agent_execution",
    streamId: execution.id,
    projectId: execution.projectId,
    events: [...before, { type: "AgentStatusChanged", data: { status, errorMessage, attempt } }],
    ends: isEnded(status),
  });
  record(tx, {
    kind: "project",
    streamId: execution.projectId,
    projectId: execution.projectId,
    events: [
      {
        type: "AgentExecutionChanged",
        data: { executionId: execution.id, status, title: titleOf(execution) },
      },
    ],
  });
}

/** Records events that are no status; only the execution's stream carries them. */
export function recordEvents(
  tx: Context,
  execution: ExecutionHeadline,
  events: readonly NewEvent[],
): Appended {
  return record(tx, {
    kind: "agent_execution",
    streamId: execution.id,
    projectId: execution.projectId,
    events,
  });
}

/** The end of a tool call that nobody will hear of any more. */
export function interruptedCall(callId: string): NewEvent {
  return {
    type: "AgentToolCallFinished",
    data: { callId, ok: false, result: "interrupted", durationMs: null, truncated: false, contentId: null },
  };
}
