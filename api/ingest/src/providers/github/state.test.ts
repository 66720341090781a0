import { readEvents } from "@shiplog/core/live";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { beforeEach, describe, expect, it } from "vitest";
import { type Inbox, makeInbox } from "../../fixtures/intake.ts";
import {
  at,
  checkRun,
  checkSuite,
  type Delivery,
  deployment,
  deploymentStatus,
  job,
  pullRequest,
  run,
  SHA_A,
  SHA_MERGE,
  step,
} from "../../fixtures/payloads.ts";
import { attempts } from "../../fixtures/story.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const { db } = database;
let inbox: Inbox;

beforeEach(async () => {
  inbox = await makeInbox(ctx);
});

async function tell(...deliveries: readonly Delivery[]): Promise<void> {
  for (const { event, payload } of deliveries) {
    await inbox.post(event, payload);
    await inbox.drain();
  }
}

function pipeline(externalId: string, attempt = 1) {
  return db.pipelineExecution.findFirstOrThrow({
    where: { projectId: inbox.projectId, externalId, attempt },
    include: { jobs: { include: { steps: { orderBy: { number: "asc" } } }, orderBy: { externalId: "asc" } } },
  });
}

async function events(streamId: string): Promise<[string, unknown][]> {
  const stored = await readEvents(db, streamId, 0, 100);
  return stored.map(({ type, data }) => [type, data]);
}

describe("a run", () => {
  it("is folded with its jobs and steps, each attempt apart", async () => {
    await tell(...attempts());
    const first = await pipeline("5001", 1);
    expect(first).toMatchObject({
      pipelineName: "CI",
      title: "Add the basket",
      runNumber: 12,
      status: "failed",
      rawStatus: "completed",
      rawConclusion: "failure",
      commitSha: SHA_A,
      branch: "main",
      event: "push",
      triggeredBy: "ada",
      startedAt: new Date(at(10)),
      completedAt: new Date(at(31)),
    });
    expect(first.jobs).toMatchObject([
      { name: "test", status: "failed", runnerName: "GitHub Actions 2", labels: ["ubuntu-latest"] },
      { name: "lint", status: "skipped" },
    ]);
    expect(first.jobs[0]?.steps).toMatchObject([
      { number: 1, name: "Set up job", status: "success" },
      { number: 2, name: "Test", status: "failed", completedAt: new Date(at(30)) },
      { number: 3, name: "Clean up", status: "success" },
    ]);
    const second = { status: "cancelled", triggeredBy: "grace", createdAt: new Date(at(40)) };
    expect(await pipeline("5001", 2)).toMatchObject(second);
    expect(await pipeline("5001", 3)).toMatchObject({ status: "success", createdAt: new Date(at(60)) });
  });

  it("is waiting while it is held for an approval", async () => {
    await tell(run("requested", { status: "completed", conclusion: "action_required", updated: 10 }));
    expect(await pipeline("5001")).toMatchObject({ status: "waiting", completedAt: null });
  });

  it("exists from its first job on, and takes what its own deliveries say when they come", async () => {
    await tell(job("in_progress", { id: 1, status: "in_progress", started: 14 }));
    expect(await pipeline("5001")).toMatchObject({ status: "running", pipelineName: "CI", title: null });
    await tell(run("requested", { status: "queued", updated: 10 }));
    const started = await pipeline("5001");
    expect(started).toMatchObject({ status: "running", title: "Add the basket" });
    await tell(run("completed", { status: "completed", conclusion: "success", updated: 31 }));
    expect(await pipeline("5001")).toMatchObject({ id: started.id, status: "success" });
  });

  it("counts a job without an attempt as of the first", async () => {
    await tell(
      job("completed", { id: 7, attempt: null, status: "completed", conclusion: "success", completed: 20 }),
    );
    expect(await pipeline("5001", 1)).toMatchObject({ jobs: [{ externalId: "7", status: "success" }] });
  });
});

describe("the streams", () => {
  it("tell each change once and end with the terminal status; later facts still reach the project", async () => {
    await tell(
      run("requested", { status: "queued", updated: 10 }),
      job("in_progress", { id: 1, status: "in_progress", started: 14, steps: [step(1, "Set up job", 14)] }),
      run("in_progress", { status: "in_progress", updated: 14 }),
      run("completed", { status: "completed", conclusion: "failure", updated: 31 }),
    );
    const { id } = await pipeline("5001");
    const before = await events(id);
    expect(before.map(([type]) => type)).toEqual([
      "PipelineStatusChanged",
      "PipelineJobChanged",
      "PipelineStatusChanged",
      "PipelineStatusChanged",
      "PipelineStatusChanged",
    ]);
    expect(before[1]).toMatchObject([
      "PipelineJobChanged",
      {
        job: {
          name: "test",
          status: "running",
          startedAt: "2026-11-20T09:00:14.000Z",
          steps: [{ number: 1 }],
        },
      },
    ]);
    expect(before.at(-1)).toEqual(["PipelineStatusChanged", { status: "failed" }]);
    const head = () => db.streamHead.findUniqueOrThrow({ where: { streamId: id } });
    expect(await head()).toMatchObject({ ended: true, seq: before.length });

    const project = (await events(inbox.projectId)).length;
    await tell(
      job("completed", { id: 1, status: "completed", conclusion: "failure", started: 14, completed: 30 }),
    );
    expect((await events(id)).at(-1)).toMatchObject(["PipelineJobChanged", { job: { status: "failed" } }]);
    const told = await events(inbox.projectId);
    expect(told).toHaveLength(project + 1);
    expect(told.at(-1)).toEqual([
      "PipelineExecutionChanged",
      { executionId: id, status: "failed", title: "Add the basket" },
    ]);
  });

  it("stay silent when a delivery tells nothing new", async () => {
    const steps = [step(1, "Set up job", 14, 15), step(2, "Test", 15, 30)];
    const told = [
      run("completed", { status: "completed", conclusion: "success", updated: 31 }),
      job("completed", {
        id: 1,
        status: "completed",
        conclusion: "success",
        started: 14,
        completed: 30,
        steps,
      }),
      deploymentStatus("success", 88, { run: { id: 5001, attempt: 1 } }),
    ];
    await tell(...told);
    const { id } = await pipeline("5001");
    const [own, project] = [await events(id), await events(inbox.projectId)];
    await tell(...told, run("in_progress", { status: "in_progress", updated: 14 }));
    expect(await events(id)).toEqual(own);
    expect(await events(inbox.projectId)).toEqual(project);
  });

  it("keep a job of a thousand steps within 16 KiB, its last steps first", async () => {
    const steps = Array.from({ length: 1_000 }, (_, i) =>
      step(i + 1, `Step number ${i + 1} ${"x".repeat(80)}`, 14, 15),
    );
    await tell(job("completed", { id: 1, status: "completed", conclusion: "success", completed: 20, steps }));
    const { id, jobs } = await pipeline("5001");
    expect(jobs[0]?.steps).toHaveLength(1_000);
    const [event] = await events(id);
    expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(16 * 1024);
    const data = event?.[1] as { job: { steps: { number: number }[] } };
    expect(data.job.steps.at(-1)?.number).toBe(1_000);
  });

  it("keep a job within 16 KiB whose every text is as long and costly as it can be", async () => {
    const long = '\u0001\0"'.repeat(200);
    const { event, payload } = job("in_progress", { id: 1, name: long, status: "in_progress", started: 14 });
    const more = {
      runner_name: long,
      labels: Array.from({ length: 50 }, () => long),
      html_url: `https://github.com/${long.repeat(3)}`,
      steps: [step(1, long, 14, 15)],
    };
    const { workflow_job } = payload as { workflow_job: object };
    await tell({ event, payload: { ...payload, workflow_job: { ...workflow_job, ...more } } });
    const { id, jobs } = await pipeline("5001");
    expect(jobs[0]?.labels).toHaveLength(50);
    const [changed] = await events(id);
    expect(changed?.[0]).toBe("PipelineJobChanged");
    expect(Buffer.byteLength(JSON.stringify(changed))).toBeLessThan(16 * 1024);
  });
});

describe("a deployment", () => {
  const live = { run: { id: 5001, attempt: 1 } };
  const deployed = () =>
    db.deployment.findFirstOrThrow({
      where: { projectId: inbox.projectId },
      include: { environment: true, commits: { include: { commit: true } } },
    });

  it("is linked to the run that the provider names, whichever comes first", async () => {
    await tell(deployment(live), deploymentStatus("success", 88, live));
    expect(await deployed()).toMatchObject({
      status: "success",
      pipelineId: null,
      environment: { name: "production", isProduction: true },
      url: "https://production.shop.example",
      commits: [{ method: "sha", confidence: 1, commit: { sha: SHA_A } }],
    });
    await tell(run("in_progress", { status: "in_progress", updated: 14 }));
    const { id, deploymentUrl } = await pipeline("5001");
    expect(await deployed()).toMatchObject({ pipelineId: id, pipelineMethod: "run", pipelineConfidence: 1 });
    expect(deploymentUrl).toBe("https://production.shop.example");
    expect((await events(id))[0]).toEqual([
      "PipelineDeploymentChanged",
      { deploymentId: (await deployed()).id, environment: "production", status: "success" },
    ]);
  });

  it("is linked by its commit where the provider names no run, and says that this is a guess", async () => {
    await tell(run("in_progress", { status: "in_progress", updated: 14 }), deployment());
    const { id } = await pipeline("5001");
    expect(await deployed()).toMatchObject({
      pipelineId: id,
      pipelineMethod: "sha",
      pipelineConfidence: 0.5,
    });
  });

  it("tells the project", async () => {
    await tell(deployment(), deploymentStatus("failure", 90));
    const { id } = await deployed();
    const title = "acme/shop to production";
    expect(await events(inbox.projectId)).toEqual([
      ["DeploymentChanged", { deploymentId: id, status: "queued", title }],
      ["DeploymentChanged", { deploymentId: id, status: "failed", title }],
    ]);
  });
});

describe("checks", () => {
  it("of another app are a pipeline named by the app", async () => {
    await tell(checkRun(31, "completed", "success", 20), checkSuite("completed", "failure", 23));
    expect(await pipeline("check_suite:300")).toMatchObject({
      pipelineName: "Netlify",
      status: "failed",
      jobs: [{ name: "check 31", status: "success" }],
    });
  });

  it("of GitHub Actions are kept and marked, but repeat the workflow", async () => {
    await tell(checkSuite("completed", "failure", 23, "github-actions"));
    expect(await db.webhookDelivery.findFirst({ where: { projectId: inbox.projectId } })).toMatchObject({
      outcome: "ignored",
      error: expect.stringContaining("Repeats the workflow"),
    });
    expect(await db.pipelineExecution.count({ where: { projectId: inbox.projectId } })).toBe(0);
  });
});

describe("a pull request", () => {
  it("is linked to its heads and to the commit that merged it", async () => {
    await tell(
      pullRequest("closed", 99, { state: "closed", merged: true }),
      pullRequest("reopened", 6, { state: "open" }),
    );
    const found = await db.pullRequest.findFirstOrThrow({
      where: { repository: { projectId: inbox.projectId } },
      include: { commits: { include: { commit: true }, orderBy: { commit: { sha: "asc" } } } },
    });
    expect(found).toMatchObject({
      number: 4,
      state: "merged",
      authorIsBot: true,
      mergeCommitSha: SHA_MERGE,
      commits: [
        { method: "head", commit: { sha: SHA_A } },
        { method: "merge", commit: { sha: SHA_MERGE } },
      ],
    });
  });
});
