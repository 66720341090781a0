export { executionPage } from "./log.ts";
export {
  attemptsOf,
  commitKey,
  commitsOf,
  failureReasons,
  lastLines,
  medianJobDurations,
  pullRequestsOf,
} from "./lookups.ts";
export {
  overviewProjects,
  overviewStart,
  type ProjectSummary,
  projectSummaries,
  type Spend,
  spend,
} from "./overview.ts";
export { failedItems, type ItemRef, type ItemType, runningItems, shippedIds } from "./queries.ts";
