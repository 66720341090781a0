import type { Normalized, NormalizedEvent } from "@shiplog/core/pipeline";
import type { IntakeProvider } from "@shiplog/core/project";
import { checkRun, checkSuite } from "./checks.ts";
import { deployment, deploymentStatus } from "./deployment.ts";
import { ping } from "./ping.ts";
import { pullRequest } from "./pullRequest.ts";
import { push } from "./push.ts";
import { hasSignature, identify, KEPT_HEADERS, verify } from "./verify.ts";
import { workflowJob } from "./workflowJob.ts";
import { workflowRun } from "./workflowRun.ts";

function folding(normalize: (payload: unknown) => NormalizedEvent[]) {
  return (payload: unknown): Normalized => ({ kind: "events", events: normalize(payload) });
}

const EVENTS: ReadonlyMap<string, (payload: unknown) => Normalized> = new Map([
  ["ping", folding(ping)],
  ["workflow_run", folding(workflowRun)],
  ["workflow_job", folding(workflowJob)],
  ["check_run", checkRun],
  ["check_suite", checkSuite],
  ["deployment", folding(deployment)],
  ["deployment_status", folding(deploymentStatus)],
  ["push", folding(push)],
  ["pull_request", folding(pullRequest)],
]);

/** GitHub sends no event above 25 MB. */
const MAX_BODY = 25 * 1024 * 1024;

/** GitHub and GitHub Enterprise Server. */
export const github: IntakeProvider = {
  name: "github",
  maxBodyBytes: MAX_BODY,
  keptHeaders: KEPT_HEADERS,
  hasSignature,
  verify,
  identify,
  normalize(event, payload) {
    const normalize = EVENTS.get(event);
    return normalize ? normalize(payload) : { kind: "ignored", reason: `Not modelled: ${event}.` };
  },
};
