import { processDelivery } from "@shiplog/core/project";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { beforeAll, describe, expect, it } from "vitest";
import { dump } from "../fixtures/dump.ts";
import { examples } from "../fixtures/examples.ts";
import { type Inbox, makeInbox } from "../fixtures/intake.ts";
import { providers } from "../providers/index.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const { db } = database;

const MODELLED = [
  "ping",
  "workflow_run",
  "workflow_job",
  "check_run",
  "check_suite",
  "deployment",
  "deployment_status",
  "push",
  "pull_request",
];
const ALL = examples.flatMap(({ name, examples: payloads }) =>
  payloads.map((payload) => ({ name, payload })),
);

describe("all examples of @octokit/webhooks-examples, signed and posted", () => {
  let inbox: Inbox;
  const statuses: number[] = [];

  beforeAll(async () => {
    inbox = await makeInbox(ctx);
    for (const { name, payload } of ALL) statuses.push((await inbox.post(name, payload)).status);
    await inbox.drain();
  });

  it("are acknowledged, every one", () => {
    expect(statuses).toEqual(Array(329).fill(202));
  });

  it("are processed, or marked with the reason why not", async () => {
    const select = { event: true, outcome: true, error: true } as const;
    const rows = await db.webhookDelivery.findMany({ select, orderBy: { event: "asc" } });
    expect(rows.filter(({ outcome }) => outcome === "failed" || outcome === "received")).toEqual([]);
    for (const { event, outcome, error } of rows) {
      if (!MODELLED.includes(event)) expect([outcome, error]).toEqual(["ignored", `Not modelled: ${event}.`]);
    }
    const repeated = rows.filter(({ event, outcome }) => MODELLED.includes(event) && outcome === "ignored");
    expect(repeated.map(({ event }) => event)).toEqual(["check_run", "check_suite"]);
    expect(rows.filter(({ outcome }) => outcome === "processed")).toHaveLength(77);
    expect(await db.integration.findUnique({ where: { id: inbox.integrationId } })).toMatchObject({
      status: "active",
      lastError: null,
    });
  });

  it("fold into this state", async () => {
    const state = await dump(db, inbox.projectId);
    const counts = Object.fromEntries(Object.entries(state).map(([table, rows]) => [table, rows.length]));
    expect(counts).toEqual({
      repositories: 9,
      commits: 5,
      pullRequests: 1,
      pullRequestCommits: 1,
      pipelines: 10,
      jobs: 7,
      steps: 22,
      environments: 2,
      deployments: 1,
      deploymentCommits: 1,
    });
    expect(state.environments).toEqual([
      ["github-pages", false],
      ["production", null],
    ]);
  });

  it("fold the pipelines: workflows, jobs without their run, and other apps' checks", async () => {
    const pipelines = await db.pipelineExecution.findMany({
      include: { repository: true, jobs: true },
      orderBy: [{ repository: { externalId: "asc" } }, { externalId: "asc" }],
    });
    const told = pipelines.map(({ repository, pipelineName, externalId, status, jobs }) =>
      [repository.fullName, pipelineName, externalId, status, jobs.map((job) => job.status).join()].join(
        " | ",
      ),
    );
    expect(told).toEqual([
      "Codertocat/Hello-World | CodeQL | 2202229078 | running | failed",
      "Codertocat/Hello-World | octocoders-linter | check_suite:118578147 | success | success",
      "Codertocat/Hello-World | octocoders-linter | check_suite:118578174 | queued | ",
      "Codertocat/Hello-World | Manually triggered workflow | 1589141559 | queued | ",
      "octo-org/octo-repo | test | 289782451 | success | ",
      "octo-org/example-workflow | workflow | 940463255 | running | running",
      "wolfy1339/github-events-schemas | Test | 5373506832 | running | running",
      "github/hello-world | Super Duper | check_suite:5 | success | success",
      "lineville/elastic-machines-testing | Env Test | 4747967848 | queued | waiting",
      "electron/electron | Electron Cation | check_suite:1604239627 | running | running",
    ]);
    expect(pipelines.find(({ externalId }) => externalId === "289782451")).toMatchObject({
      attempt: 1,
      title: "ci(action): update actions/setup-node digest to 8c91899",
      runNumber: 163,
      rawStatus: "completed",
      rawConclusion: "success",
      commitSha: "3484a3fb816e0859fd6e1cea078d76385ff50625",
      branch: "master",
      event: "repository_dispatch",
      triggeredBy: "Codertocat",
      startedAt: new Date("2020-10-05T16:33:49Z"),
      completedAt: new Date("2020-10-05T16:33:49Z"),
      createdAt: new Date("2020-10-05T16:33:24Z"),
    });
  });

  it("fold the deployment, the commit and the pull request", async () => {
    expect(await db.deployment.findFirst({ include: { environment: true } })).toMatchObject({
      externalId: "145988746",
      environment: { name: "production" },
      status: "success",
      rawStatus: "success",
      commitSha: "f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
      creatorLogin: "Codertocat",
    });
    expect(
      await db.commit.findFirst({ where: { sha: "6113728f27ae82c7b1a177c8d03f9e96e0adf246" } }),
    ).toMatchObject({
      message: "Initial commit",
      authorLogin: "Codertocat",
      branch: "master",
      filesChanged: 1,
    });
    expect(await db.pullRequest.findFirst()).toMatchObject({
      number: 2,
      title: "Update the README with new information.",
      headRef: "changes",
      baseRef: "master",
      additions: 1,
      authorIsBot: false,
    });
  });

  it("fold into the same state in reverse order, all at once", async () => {
    const reversed = await makeInbox(ctx);
    for (const { name, payload } of ALL.filter((example) => MODELLED.includes(example.name)).toReversed())
      await reversed.post(name, payload);
    const waiting = await db.webhookDelivery.findMany({
      where: { projectId: reversed.projectId },
      select: { id: true },
    });
    await Promise.all(waiting.map((delivery) => processDelivery(ctx, delivery, providers)));
    expect(await dump(db, reversed.projectId)).toEqual(await dump(db, inbox.projectId));
  });
});
