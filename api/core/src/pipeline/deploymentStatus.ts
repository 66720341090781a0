import { unreachable } from "../errors.ts";

/** Where a deployment stands; `inactive` = replaced by a later one or taken down. */
export type DeploymentStatus =
  | "queued"
  | "waiting"
  | "running"
  | "success"
  | "failed"
  | "cancelled"
  | "inactive";

const RAW_STATES = [
  "pending",
  "queued",
  "waiting",
  "in_progress",
  "success",
  "failure",
  "error",
  "cancelled",
  "inactive",
] as const;
type RawState = (typeof RAW_STATES)[number];

const RANK: Record<DeploymentStatus, number> = {
  queued: 10,
  waiting: 10,
  running: 20,
  success: 30,
  failed: 30,
  cancelled: 30,
  // A deployment can be taken down and brought back: among the ends, time decides.
  inactive: 30,
};

/** The first part of a fold key. The deployment itself (rank 0) says less than any of its statuses. */
export function deploymentRank(status: DeploymentStatus): number {
  return RANK[status];
}

/** The rollout is over: it arrived, failed or was called off. */
export function isSettled(status: DeploymentStatus): boolean {
  return status === "success" || status === "failed" || status === "cancelled";
}

/** Our status for the provider's word; an unknown word counts as queued. */
export function deploymentStatus(state: string): DeploymentStatus {
  const word = state.toLowerCase();
  return (RAW_STATES as readonly string[]).includes(word) ? fromRaw(word as RawState) : "queued";
}

function fromRaw(state: RawState): DeploymentStatus {
  switch (state) {
    case "pending":
    case "queued":
      return "queued";
    case "waiting":
      return "waiting";
    case "in_progress":
      return "running";
    case "success":
      return "success";
    case "failure":
    case "error":
      return "failed";
    case "cancelled":
      return "cancelled";
    case "inactive":
      return "inactive";
    default:
      return unreachable(state);
  }
}
