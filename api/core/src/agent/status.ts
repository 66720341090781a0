import type { AgentExecutionStatus } from "@shiplog/db";
import { unreachable } from "../errors.ts";

export type { AgentExecutionStatus };

/** The states that never reopen. */
export type EndStatus = "completed" | "failed" | "cancelled";

/** The execution is over: its stream is complete and nothing is appended any more. */
export function isEnded(status: AgentExecutionStatus): status is EndStatus {
  switch (status) {
    case "completed":
    case "failed":
    case "cancelled":
      return true;
    case "pending":
    case "running":
    case "waiting_approval":
      return false;
    default:
      return unreachable(status);
  }
}

/** pending -> running -> (waiting_approval <-> running) -> completed | failed | cancelled. */
export function canBecome(from: AgentExecutionStatus, to: AgentExecutionStatus): boolean {
  switch (from) {
    case "pending":
      return to === "running" || to === "failed" || to === "cancelled";
    case "running":
      return to === "waiting_approval" || isEnded(to);
    case "waiting_approval":
      return to === "running" || to === "failed" || to === "cancelled";
    case "completed":
    case "failed":
    case "cancelled":
      return false;
    default:
      return unreachable(from);
  }
}

/** What a cancel does to an execution in this state. */
export type CancelEffect = "at_once" | "ask_worker" | "refuse";

/** A worker that holds the lease stops by itself; everything else needs nobody's help to end. */
export function cancelEffect(row: {
  readonly status: AgentExecutionStatus;
  readonly external: boolean;
  readonly leaseAlive: boolean;
}): CancelEffect {
  switch (row.status) {
    case "pending":
    case "waiting_approval":
      return "at_once";
    case "running":
      return row.external || !row.leaseAlive ? "at_once" : "ask_worker";
    case "completed":
    case "failed":
    case "cancelled":
      return "refuse";
    default:
      return unreachable(row.status);
  }
}
