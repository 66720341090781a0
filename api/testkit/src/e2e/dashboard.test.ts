import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { postDelivery } from "../api.ts";
import { cleanUp } from "../process.ts";
import { workflowRun } from "./pipeline_pages.ts";
import { testRunLog } from "./run_log.ts";
import { addGitHub, closeSite, openSite, type Site, startRunOn } from "./site.ts";

const TIMEOUT = 60_000;

let site: Site;

beforeAll(async () => {
  site = await openSite();
}, TIMEOUT);

afterAll(async () => {
  await closeSite(site);
  await cleanUp();
});

const startRun = (task: string) => startRunOn(site, task);

describe("the dashboard in a browser", () => {
  it(
    "starts analyze and shows it to the end",
    async () => {
      const { page } = await site.signedIn();
      await site.owner.graphql(
        "mutation($input: LinkWorkspaceInput!) { linkWorkspace(input: $input) { __typename } }",
        { input: { projectId: site.project.id, path: process.cwd() } },
      );
      await page.goto(`${site.url}/p/harbor/runs`);
      await page
        .getByRole("button", { name: /start a run/i })
        .first()
        .click();
      await page.getByLabel("Task").fill("What is in this repository?");
      await page.getByRole("button", { name: "Start", exact: true }).click();
      await page.waitForURL(/\/runs\/aex_/);
      await page.getByText("Completed", { exact: true }).first().waitFor({ timeout: TIMEOUT });
      await page.getByText("filesystem/", { exact: false }).first().waitFor();
      await page.getByRole("button", { name: "Result", exact: true }).click();
      await page.getByRole("region", { name: "Result" }).getByRole("heading").first().waitFor();
    },
    TIMEOUT,
  );

  it(
    "shows every word once and in order although all connections are cut in the middle",
    async () => {
      const run = await startRun("Count to two hundred");
      const { page } = await site.signedIn();
      await page.goto(`${site.url}/runs/${run.id}`);
      await page.getByRole("region", { name: "Stream" }).waitFor();
      let cuts = 0;
      for (let word = 0; word < 200; word++) {
        await run.append([{ textDelta: { messageId: "m", text: `word${word} ` } }]);
        if (word === 60 || word === 120) {
          await page.getByText("word10 ", { exact: false }).first().waitFor();
          cuts += site.proxy.cut();
        }
      }
      expect(cuts).toBeGreaterThan(0);
      await run.finish();
      await page.getByText("Completed", { exact: true }).first().waitFor({ timeout: TIMEOUT });
      const stream = page.getByRole("region", { name: "Stream" });
      await page.getByRole("button", { name: "Log", exact: true }).click();
      await expect
        .poll(async () => (await stream.textContent())?.match(/word\d+/g)?.join(" "), { timeout: TIMEOUT })
        .toBe(Array.from({ length: 200 }, (_, word) => `word${word}`).join(" "));
    },
    TIMEOUT * 2,
  );

  testRunLog(() => site, startRun);

  it(
    "turns a pipeline red without a reload when a signed delivery says it failed",
    async () => {
      const target = await addGitHub(site);
      const run = (conclusion: string | null) => workflowRun(77, "Break the build", conclusion);
      expect((await postDelivery(target, "workflow_run", run(null))).status).toBe(202);
      const { page } = await site.signedIn();
      await page.goto(`${site.url}/p/harbor/pipelines`);
      const row = page.getByRole("link", { name: /Break the build/ }).first();
      await row.waitFor();
      await page.evaluate(() => {
        (globalThis as { marker?: boolean }).marker = true;
      });
      await page.getByText("Running", { exact: true }).first().waitFor();
      expect((await postDelivery(target, "workflow_run", run("failure"))).status).toBe(202);
      await page.getByText("Failed", { exact: true }).first().waitFor();
      await row.click();
      await page.getByText("Failed", { exact: true }).first().waitFor();
      expect(await page.evaluate(() => (globalThis as { marker?: boolean }).marker)).toBe(true);
    },
    TIMEOUT,
  );

  it(
    "shows a member of another project nothing of this one",
    async () => {
      const stranger = { email: "stranger@example.com", password: "another good password" };
      await site.owner.graphql(
        "mutation($input: CreateUserInput!) { createUser(input: $input) { __typename } }",
        { input: { ...stranger, name: "Stranger" } },
      );
      const { id } = await startRun("A secret task");
      const { page } = await site.signedIn(stranger);
      const seen: string[] = [];
      page.on("response", async (response) => {
        if (response.url().endsWith("/graphql")) seen.push(await response.text().catch(() => ""));
      });
      for (const path of [
        "/",
        "/projects",
        "/p/harbor",
        "/p/harbor/runs",
        "/p/harbor/settings",
        `/runs/${id}`,
      ]) {
        await page.goto(site.url + path);
        await page.getByRole("main").waitFor();
        await page.waitForLoadState("networkidle");
        expect(await page.locator("body").textContent()).not.toMatch(
          /secret task|Berths and tides|owner@example/i,
        );
      }
      expect(seen.length).toBeGreaterThan(0);
      expect(seen.join("\n")).not.toMatch(/secret task|Berths and tides/i);
    },
    TIMEOUT,
  );
});
