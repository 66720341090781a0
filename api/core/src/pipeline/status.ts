import { unreachable } from "../errors.ts";

/** Where a pipeline, a job or a step stands. queued -> waiting <-> running -> one of the terminal four. */
export type PipelineStatus =
  | "queued"
  | "waiting"
  | "running"
  | "success"
  | "failed"
  | "cancelled"
  | "skipped";

const RAW_STATUSES = ["requested", "queued", "waiting", "pending", "in_progress", "completed"] as const;
type RawStatus = (typeof RAW_STATUSES)[number];

const RAW_CONCLUSIONS = [
  "success",
  "neutral",
  "failure",
  "timed_out",
  "startup_failure",
  "cancelled",
  "stale",
  "skipped",
  "action_required",
] as const;
type RawConclusion = (typeof RAW_CONCLUSIONS)[number];

/** The status never moves again, but for a later delivery of the same end. */
export function isTerminal(status: PipelineStatus): boolean {
  return RANK[status] === RANK.success;
}

/** Before any real state: what a job or a check says of the pipeline it belongs to. */
export const HEARSAY_RANK = 0;

/** Pipelines wait and run by turns (approvals, concurrency groups): among those two the provider's time decides. */
const RANK: Record<PipelineStatus, number> = {
  queued: 10,
  waiting: 20,
  running: 20,
  success: 30,
  failed: 30,
  cancelled: 30,
  skipped: 30,
};

/** The first part of a fold key: how far along the status is. */
export function pipelineRank(status: PipelineStatus): number {
  return RANK[status];
}

/** A job waits (for an approval) before it is queued, and both carry the same time. */
export function jobRank(status: PipelineStatus): number {
  return status === "waiting" ? 5 : RANK[status];
}

/**
 * What the state of one job says of its pipeline, as long as the pipeline's own deliveries say no more: a job that
 * started lifts a queued pipeline to running, never a waiting, running or ended one. Jobs never end a pipeline, even
 * when all that are known have ended: another may follow (`needs`), and an end is for good. A webhook must therefore
 * send the runs, not only their jobs; without them a pipeline stays running.
 */
export function impliedByJob(job: PipelineStatus): { status: PipelineStatus; rank: number } {
  switch (job) {
    case "queued":
    case "waiting":
    case "skipped":
      return { status: "queued", rank: HEARSAY_RANK };
    case "running":
    case "success":
    case "failed":
    case "cancelled":
      return { status: "running", rank: 15 };
    default:
      return unreachable(job);
  }
}

function isOneOf<T extends string>(words: readonly T[], word: string): word is T {
  return (words as readonly string[]).includes(word);
}

/** Our status for the provider's two words; a word of the future counts as queued or, at the end, as failed. */
export function pipelineStatus(status: string | null, conclusion: string | null): PipelineStatus {
  const raw = status?.toLowerCase() ?? "queued";
  if (!isOneOf(RAW_STATUSES, raw)) return "queued";
  return fromRaw(raw, conclusion?.toLowerCase() ?? null);
}

function fromRaw(status: RawStatus, conclusion: string | null): PipelineStatus {
  switch (status) {
    case "requested":
    case "queued":
      return "queued";
    case "waiting":
    case "pending":
      return "waiting";
    case "in_progress":
      return "running";
    case "completed":
      // Completed without a conclusion: the delivery that names it is still to come.
      if (conclusion === null) return "running";
      return isOneOf(RAW_CONCLUSIONS, conclusion) ? fromConclusion(conclusion) : "failed";
    default:
      return unreachable(status);
  }
}

function fromConclusion(conclusion: RawConclusion): PipelineStatus {
  switch (conclusion) {
    case "success":
    case "neutral":
      return "success";
    case "failure":
    case "timed_out":
    case "startup_failure":
      return "failed";
    case "cancelled":
    case "stale":
      return "cancelled";
    case "skipped":
      return "skipped";
    case "action_required":
      // Held for a person's approval; once given, the same attempt goes on.
      return "waiting";
    default:
      return unreachable(conclusion);
  }
}
