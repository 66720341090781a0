import { testDatabase } from "@shiplog/testkit/database";
import { afterEach, describe, expect, it } from "vitest";
import type { WorkerProcess } from "./fixtures/process.ts";
import { cancelElsewhere, killMidRun, stopAndWake } from "./fixtures/scenarios.ts";

const database = await testDatabase();
const running: WorkerProcess[] = [];

afterEach(async () => {
  for (const worker of running) worker.signal("SIGKILL");
  await Promise.all(running.splice(0).map((worker) => worker.exited()));
});

/** The lease is short; `processes.deep.test.ts` has the default one. */
const stage = { database, running, stepMs: 300, settings: { leaseMs: 1_000, leaseRenewMs: 300 } };

describe("worker processes with a short lease", () => {
  it("kill -9: another process resumes after the last committed step", { timeout: 60_000 }, async () => {
    expect(await killMidRun(stage)).toBeLessThan(15_000);
  });

  it("SIGSTOP: a worker that wakes too late commits nothing", () => stopAndWake(stage), 60_000);

  it("cancel reaches a worker in another process", async () => {
    expect(await cancelElsewhere({ ...stage, stepMs: 1_000 })).toBeLessThan(2_000);
  });
});
