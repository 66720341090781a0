export {
  type DeploymentStatus,
  deploymentRank,
  deploymentStatus,
  isSettled,
} from "./deploymentStatus.ts";
export type { Moment, Patch } from "./fold.ts";
export type * from "./normalized.ts";
export { foldEvents } from "./operations/foldEvents.ts";
export {
  HEARSAY_RANK,
  impliedByJob,
  isTerminal,
  jobRank,
  type PipelineStatus,
  pipelineRank,
  pipelineStatus,
} from "./status.ts";
export * from "./visibility.ts";
