import { expect, it } from "vitest";
import { applyJob, openJob } from "./jobs.ts";

const job = (id: string, status: string) => ({ id, name: id, status, medianDurationMs: 5 });

it("replaces a job by its snapshot and keeps what only the query knows", () => {
  const jobs = [job("a", "RUNNING"), job("b", "QUEUED")];
  const fresh = (snapshot: { id: string; name: string }) => ({ ...job(snapshot.id, "QUEUED"), ...snapshot });
  const next = applyJob(jobs, { ...job("a", "FAILED"), medianDurationMs: undefined } as never, fresh);
  expect(next.map((one) => [one.id, one.status])).toEqual([
    ["a", "FAILED"],
    ["b", "QUEUED"],
  ]);
  expect(applyJob(jobs, { id: "c", name: "c" }, fresh)).toHaveLength(3);
});

it("opens the failing job unless another is asked for", () => {
  const jobs = [job("a", "SUCCESS"), job("b", "RUNNING"), job("c", "FAILED")];
  expect(openJob(jobs, undefined)?.id).toBe("c");
  expect(openJob(jobs, "a")?.id).toBe("a");
  expect(openJob(jobs.slice(0, 2), "gone")?.id).toBe("b");
  expect(openJob([], undefined)).toBeUndefined();
});
