import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { postDelivery, type WebhookTarget } from "../api.ts";
import type { Site } from "./site.ts";

const TIMEOUT = 60_000;
export const REPOSITORY = {
  id: 1,
  full_name: "x/y",
  name: "y",
  html_url: "https://github.com/x/y",
  default_branch: "main",
};
const COMMIT = { head_branch: "main", head_sha: "a".repeat(40) };

/** What GitHub tells of a run of a workflow; it goes on without a conclusion. */
export function workflowRun(id: number, title: string, conclusion: string | null = null) {
  return {
    action: conclusion ? "completed" : "in_progress",
    workflow_run: {
      ...COMMIT,
      id,
      name: "ci",
      run_number: id,
      run_attempt: 1,
      event: "push",
      status: conclusion ? "completed" : "in_progress",
      conclusion,
      display_title: title,
      html_url: `https://github.com/x/y/actions/runs/${id}`,
      created_at: "2026-11-20T10:00:00Z",
      updated_at: conclusion ? "2026-11-20T10:02:00Z" : "2026-11-20T10:01:00Z",
      run_started_at: "2026-11-20T10:00:00Z",
    },
    repository: REPOSITORY,
  };
}

function workflowJob(runId: number, conclusion: string | null = null) {
  return {
    action: conclusion ? "completed" : "in_progress",
    workflow_job: {
      ...COMMIT,
      id: runId * 10,
      run_id: runId,
      run_attempt: 1,
      name: "unit tests",
      status: conclusion ? "completed" : "in_progress",
      conclusion,
      workflow_name: "ci",
      html_url: `https://github.com/x/y/actions/runs/${runId}/job/${runId * 10}`,
      created_at: "2026-11-20T10:00:10Z",
      started_at: "2026-11-20T10:00:20Z",
      completed_at: conclusion ? "2026-11-20T10:01:50Z" : null,
      labels: ["ubuntu"],
      runner_name: "r1",
      steps: [],
    },
    repository: REPOSITORY,
  };
}

/** A deployment that a run of a workflow asked for, and how it went on. */
function deploymentOf(runId: number, state?: string) {
  const created_at = "2026-11-20T10:03:00Z";
  return {
    action: "created",
    ...(state && {
      deployment_status: {
        state,
        environment: "staging",
        environment_url: "https://staging.example",
        created_at: "2026-11-20T10:04:00Z",
      },
    }),
    deployment: { id: runId * 100, sha: COMMIT.head_sha, ref: "main", environment: "staging", created_at },
    workflow_run: { id: runId, run_attempt: 1 },
    repository: REPOSITORY,
  };
}

/** The page of a pipeline, as somebody finds it. */
async function openPipeline(site: Site, title: string): Promise<Page> {
  const { page } = await site.signedIn();
  await page.goto(`${site.url}/p/harbor/pipelines`);
  await page.getByRole("link", { name: title }).click();
  await page.locator("[data-connection=live]").waitFor();
  return page;
}

async function passes(page: Page, target: WebhookTarget, end: object): Promise<void> {
  await postDelivery(target, "workflow_run", end);
  await page.getByText("Passed", { exact: true }).first().waitFor();
}

/** Pages that must learn what happens beside the stream they read, or while much else does. */
export function testPipelinePages(site: () => Site, integration: () => Promise<WebhookTarget>): void {
  it(
    "shows the end of a job that reports after its pipeline has ended",
    async () => {
      const target = await integration();
      await postDelivery(target, "workflow_run", workflowRun(78, "A late job"));
      await postDelivery(target, "workflow_job", workflowJob(78));
      const page = await openPipeline(site(), "A late job");
      const job = page
        .getByRole("list", { name: "Jobs" })
        .getByRole("listitem")
        .filter({ hasText: "unit tests" });
      await job.getByLabel("Running").waitFor();
      await passes(page, target, workflowRun(78, "A late job", "success"));
      await postDelivery(target, "workflow_job", workflowJob(78, "success"));
      await job.getByLabel("Passed").waitFor();
    },
    TIMEOUT,
  );

  it(
    "shows a deployment that is told of after its pipeline has ended, and how it goes on",
    async () => {
      const target = await integration();
      await postDelivery(target, "workflow_run", workflowRun(79, "A late deployment"));
      const page = await openPipeline(site(), "A late deployment");
      await passes(page, target, workflowRun(79, "A late deployment", "success"));
      const deployments = page.getByRole("region", { name: "Deployments" });
      expect(await deployments.count()).toBe(0);
      await postDelivery(target, "deployment", deploymentOf(79));
      await deployments.getByRole("link", { name: "staging" }).waitFor();
      await postDelivery(target, "deployment_status", deploymentOf(79, "success"));
      await deployments.getByText("Deployed").waitFor();
    },
    TIMEOUT,
  );

  it(
    "lists deliveries while more and more come",
    async () => {
      const target = await integration();
      await postDelivery(target, "workflow_run", workflowRun(500, "Busy"));
      const { page } = await site().signedIn();
      await page.goto(`${site().url}/p/harbor/deliveries`);
      const rows = page.getByRole("region", { name: "Deliveries" }).getByRole("link");
      await rows.first().waitFor();
      await page.locator("[data-connection=live]").waitFor();
      let id = 500;
      const oneMore = async () => {
        id += 1;
        await postDelivery(target, "workflow_run", workflowRun(id, `Busy ${id}`));
        return more.count();
      };
      const more = page.getByRole("button", { name: /^[2-9] new deliveries$/ });
      await expect.poll(oneMore, { interval: 300, timeout: 6_000 }).toBe(1);
      const before = await rows.count();
      await more.click();
      await expect.poll(() => rows.count()).toBeGreaterThan(before + 1);
    },
    TIMEOUT,
  );
}
