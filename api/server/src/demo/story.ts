import { createHash } from "node:crypto";
import type { DemoClient } from "./client.ts";
import * as github from "./github.ts";

const sha = (text: string) => createHash("sha1").update(text).digest("hex");

/** What the story needs of time; tests run it without pauses. */
export interface Pace {
  now(): Date;
  /** Rejects when the program stops. */
  pause(ms: number): Promise<void>;
}

interface JobPlan {
  readonly id: number;
  readonly name: string;
  /** Step names with how long each takes (ms of story time). */
  readonly steps: readonly (readonly [string, number])[];
  /** The step that fails; the steps after it are skipped. */
  readonly failsAt?: string;
}

const JOBS: readonly JobPlan[] = [
  {
    id: 1,
    name: "lint",
    steps: [
      ["Set up job", 600],
      ["Install", 1500],
      ["Lint", 1200],
    ],
  },
  {
    id: 2,
    name: "test",
    steps: [
      ["Set up job", 600],
      ["Install", 1700],
      ["Run tests", 3200],
    ],
  },
  {
    id: 3,
    name: "build",
    steps: [
      ["Set up job", 500],
      ["Install", 1400],
      ["Build image", 2600],
    ],
  },
];

const FEATURE: github.Change = {
  sha: sha("harbor feature"),
  before: sha("harbor root"),
  message: "Add berth availability to the search API",
  branch: "main",
  files: ["src/search/availability.ts", "src/search/availability.test.ts"],
};
const FIX: github.Change = {
  sha: sha("harbor fix"),
  before: FEATURE.sha,
  message: "Round tide heights before comparing them",
  branch: "fix/tide-rounding",
  files: ["src/tides/height.ts", "src/tides/height.test.ts", "docs/tides.md"],
};

async function playJob(client: DemoClient, pace: Pace, run: github.Run, plan: JobPlan): Promise<boolean> {
  const created = pace.now().toISOString();
  const base = { id: run.id * 10 + plan.id + run.attempt * 1000, name: plan.name };
  const post = (job: Partial<github.Job> & Pick<github.Job, "status">) =>
    client.deliver(
      github.workflowJob(
        run,
        { ...base, conclusion: null, startedAt: null, completedAt: null, steps: [], ...job },
        created,
      ),
    );
  await post({ status: "queued" });
  await pace.pause(500);
  const startedAt = pace.now().toISOString();
  const steps: github.Step[] = [];
  for (const [name, duration] of plan.steps) {
    const step = { name, conclusion: null, startedAt: pace.now().toISOString(), completedAt: null };
    await post({ status: "in_progress", startedAt, steps: [...steps, step] });
    await pace.pause(duration);
    const failed = name === plan.failsAt;
    steps.push({
      ...step,
      conclusion: failed ? "failure" : "success",
      completedAt: pace.now().toISOString(),
    });
    if (failed) break;
  }
  const ok = !steps.some((step) => step.conclusion === "failure");
  await post({
    status: "completed",
    conclusion: ok ? "success" : "failure",
    startedAt,
    completedAt: pace.now().toISOString(),
    steps,
  });
  return ok;
}

async function playRun(
  client: DemoClient,
  pace: Pace,
  plan: { id: number; number: number; attempt: number; change: github.Change; failing?: boolean },
): Promise<void> {
  const run: github.Run = { ...plan, createdAt: pace.now().toISOString() };
  await client.deliver(github.workflowRun(run, "requested", null, run.createdAt));
  await pace.pause(700);
  await client.deliver(github.workflowRun(run, "in_progress", null, pace.now().toISOString()));
  const jobs = JOBS.map((job) =>
    plan.failing && job.name === "test" ? { ...job, failsAt: "Run tests" } : job,
  );
  const results = await Promise.all(jobs.map((job) => playJob(client, pace, run, job)));
  const conclusion = results.every(Boolean) ? "success" : "failure";
  await client.deliver(github.workflowRun(run, "completed", conclusion, pace.now().toISOString()));
}

async function playDeployment(client: DemoClient, pace: Pace): Promise<void> {
  const id = 930_000_001;
  const created = pace.now().toISOString();
  await client.deliver(github.deployment(id, FEATURE, "staging", created));
  for (const state of ["in_progress", "success"]) {
    await pace.pause(1800);
    const times = { created, now: pace.now().toISOString() };
    await client.deliver(github.deploymentStatus(id, FEATURE, "staging", state, times));
  }
}

/** The CI part: one green pipeline with its deployment, then one that fails and is re-run to green. */
export async function playPipelines(client: DemoClient, pace: Pace): Promise<void> {
  await client.deliver(github.push(FEATURE, pace.now().toISOString()));
  await playRun(client, pace, { id: 940_000_001, number: 211, attempt: 1, change: FEATURE });
  await playDeployment(client, pace);
  await client.deliver(github.push(FIX, pace.now().toISOString()));
  await client.deliver(github.pullRequest(57, FIX, FIX.message, pace.now().toISOString()));
  await playRun(client, pace, { id: 940_000_002, number: 212, attempt: 1, change: FIX, failing: true });
  await pace.pause(2500);
  await playRun(client, pace, { id: 940_000_002, number: 212, attempt: 2, change: FIX });
}

/** The commit that the external agent of the demo works on. */
export const FIX_SHA = FIX.sha;
