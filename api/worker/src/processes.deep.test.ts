import { testDatabase } from "@shiplog/testkit/database";
import { afterEach, describe, expect, it } from "vitest";
import type { WorkerProcess } from "./fixtures/process.ts";
import { cancelElsewhere, dieAtRandom, killMidRun, stopAndWake } from "./fixtures/scenarios.ts";

const database = await testDatabase();
const running: WorkerProcess[] = [];

afterEach(async () => {
  for (const worker of running) worker.signal("SIGKILL");
  await Promise.all(running.splice(0).map((worker) => worker.exited()));
});

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** Repeatable with SEED=…; a failing run prints it. */
function seeded(seed: number): () => number {
  console.log(`SEED=${seed}`);
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** The lease that the program runs with. */
const stage = { database, running, stepMs: 1_500, settings: { leaseMs: 15_000, leaseRenewMs: 5_000 } };

describe("worker processes with the default lease", () => {
  it("kill -9: another process resumes after the last committed step", async () => {
    expect(await killMidRun(stage)).toBeLessThan(20_000);
  });

  it("SIGSTOP: a worker that wakes too late commits nothing", () => stopAndWake(stage));

  it("cancel reaches a worker in another process", async () => {
    expect(await cancelElsewhere({ ...stage, stepMs: 5_000 })).toBeLessThan(2_000);
  });

  it("survives workers that die at random", () =>
    dieAtRandom({
      ...stage,
      settings: { leaseMs: 2_000, leaseRenewMs: 600 },
      stepMs: 800,
      runs: 8,
      kills: 8,
      random: seeded(SEED),
    }));
});
