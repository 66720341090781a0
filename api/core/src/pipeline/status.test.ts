import { describe, expect, it } from "vitest";
import { deploymentRank, deploymentStatus, isSettled } from "./deploymentStatus.ts";
import { impliedByJob, isTerminal, jobRank, pipelineRank, pipelineStatus } from "./status.ts";

describe("the status of a pipeline, job or step", () => {
  it.each([
    ["requested", null, "queued"],
    ["queued", null, "queued"],
    ["pending", null, "waiting"],
    ["waiting", null, "waiting"],
    ["in_progress", null, "running"],
    ["IN_PROGRESS", null, "running"],
    ["completed", "success", "success"],
    ["completed", "neutral", "success"],
    ["completed", "failure", "failed"],
    ["completed", "timed_out", "failed"],
    ["completed", "startup_failure", "failed"],
    ["completed", "cancelled", "cancelled"],
    ["completed", "stale", "cancelled"],
    ["completed", "skipped", "skipped"],
    ["completed", "action_required", "waiting"],
    ["completed", null, "running"],
    ["completed", "of the future", "failed"],
    ["of the future", null, "queued"],
    [null, null, "queued"],
  ] as const)("is by the words %s, %s: %s", (status, conclusion, expected) => {
    expect(pipelineStatus(status, conclusion)).toBe(expected);
  });

  it("ends with success, failed, cancelled and skipped, which outrank the rest", () => {
    for (const status of ["success", "failed", "cancelled", "skipped"] as const) {
      expect(isTerminal(status)).toBe(true);
      expect(pipelineRank(status)).toBeGreaterThan(pipelineRank("running"));
    }
    for (const status of ["queued", "waiting", "running"] as const) expect(isTerminal(status)).toBe(false);
  });

  it("of a job waits before it is queued; of a pipeline waiting and running take turns", () => {
    expect(jobRank("waiting")).toBeLessThan(jobRank("queued"));
    expect(pipelineRank("waiting")).toBe(pipelineRank("running"));
  });

  it("of a job lifts a queued pipeline to running and no other", () => {
    const implied = impliedByJob("success");
    expect(implied.status).toBe("running");
    expect(implied.rank).toBeGreaterThan(pipelineRank("queued"));
    expect(implied.rank).toBeLessThan(pipelineRank("waiting"));
    expect(impliedByJob("skipped")).toEqual({ status: "queued", rank: 0 });
  });
});

describe("the status of a deployment", () => {
  it.each([
    ["pending", "queued"],
    ["queued", "queued"],
    ["waiting", "waiting"],
    ["in_progress", "running"],
    ["success", "success"],
    ["failure", "failed"],
    ["error", "failed"],
    ["cancelled", "cancelled"],
    ["inactive", "inactive"],
    ["of the future", "queued"],
  ] as const)("is by the word %s: %s", (state, expected) => {
    expect(deploymentStatus(state)).toBe(expected);
  });

  it("is settled once it arrived, failed or was called off; taking it down is no arrival", () => {
    expect((["success", "failed", "cancelled"] as const).every(isSettled)).toBe(true);
    expect((["queued", "running", "inactive"] as const).some(isSettled)).toBe(false);
    expect(deploymentRank("inactive")).toBe(deploymentRank("success"));
  });
});
