import { builder } from "../builder.ts";

/** A database enum in GraphQL: the same words in upper case, each with its meaning. */
function dbEnum<const Values extends Record<string, string>>(
  name: string,
  description: string,
  values: Values,
) {
  const entries = Object.entries(values).map(([word, meaning]) => [
    word.toUpperCase(),
    { value: word, description: meaning },
  ]);
  return builder.enumType(name, {
    description,
    values: Object.fromEntries(entries) as Record<
      string,
      { value: keyof Values & string; description: string }
    >,
  });
}

export const ProjectStatus = dbEnum("ProjectStatus", "Whether a project is in use.", {
  active: "In use.",
  archived: "Put aside: kept and readable, deliveries included; no new runs or AI activity.",
});

export const IntegrationProvider = dbEnum("IntegrationProvider", "Who sends the deliveries.", {
  github: "GitHub or GitHub Enterprise webhooks.",
});

export const IntegrationStatus = dbEnum("IntegrationStatus", "How an integration's deliveries fare.", {
  pending: "No delivery with a right signature has come yet.",
  active: "The last delivery was processed.",
  failing: "The last delivery could not be processed; see `lastError`.",
  disabled: "Deliveries are refused.",
});

export const DeliveryOutcome = dbEnum("DeliveryOutcome", "What became of a delivery.", {
  received: "Stored, waits for the worker.",
  processed: "Folded into pipelines, deployments, commits and pull requests.",
  ignored: "Stored only: its event is not modelled.",
  failed: "Processing failed; see `error`. It can be processed again.",
});

export const PipelineStatus = dbEnum(
  "PipelineStatus",
  "Where a pipeline, a job or a step stands; the provider's own words are in `rawStatus` and `rawConclusion`.",
  {
    queued: "Asked for, not started.",
    waiting: "Held back, e.g. for an approval or another run.",
    running: "Under way.",
    success: "Ended well.",
    failed: "Ended badly, timed out included.",
    cancelled: "Stopped by somebody or by a newer run.",
    skipped: "Not run, because its condition did not hold.",
  },
);

export const DeploymentStatus = dbEnum("DeploymentStatus", "Where a deployment stands.", {
  queued: "Asked for, not started.",
  waiting: "Held back, e.g. for an approval.",
  running: "Under way.",
  success: "Live in its environment.",
  failed: "Did not reach its environment.",
  cancelled: "Stopped before its end.",
  inactive: "Was live; replaced by a later one or taken down.",
});

export const AgentExecutionStatus = dbEnum("AgentExecutionStatus", "Where an agent execution stands.", {
  pending: "Waits for a worker.",
  running: "Under way.",
  waiting_approval: "Waits for a person's decision; holds no worker meanwhile.",
  completed: "Ended with a result. Final.",
  failed: "Ended with an error; see `errorMessage`. Final, but may be retried as a new execution.",
  cancelled: "Stopped by somebody. Final.",
});

export const AIActivityCategory = dbEnum("AIActivityCategory", "What the AI was used for.", {
  feature: "Something new.",
  bugfix: "Repair of a fault.",
  refactor: "Change of form, not of behaviour.",
  docs: "Documentation.",
  test: "Tests.",
  other: "Anything else, or unknown.",
});

export const PullRequestState = dbEnum("PullRequestState", "Where a pull request stands.", {
  open: "Open, drafts included.",
  closed: "Closed without a merge.",
  merged: "Merged into its base branch.",
});

export const AuditOutcome = dbEnum("AuditOutcome", "How an attempt to change something ended.", {
  succeeded: "The change was made.",
  refused: "Nothing was changed: the caller lacked the power, or the object is none of his.",
  failed: "Nothing was changed: the input or the state did not allow it, or the server failed.",
});

export const PrivacyMode = dbEnum("PrivacyMode", "What a project keeps of prompts and payloads.", {
  full: "Everything, for as long as the retention says.",
  metadata:
    "Counts, names and times only: no prompt, response or diff of AI activity, and no raw payload once its delivery is processed. What runs stream is kept.",
});
