import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { postDelivery, type WebhookTarget } from "../api.ts";
import type { ExternalRun } from "../external_run.ts";
import { cleanUp } from "../process.ts";
import { REPOSITORY, workflowRun } from "./pipeline_pages.ts";
import { inView, line, logOf, showsEnd, writeLines } from "./run_log_page.ts";
import { addGitHub, closeSite, openSite, type Site, startRunOn } from "./site.ts";

const TIMEOUT = 60_000;

let site: Site;
let target: WebhookTarget;

beforeAll(async () => {
  site = await openSite();
  target = await addGitHub(site);
}, TIMEOUT);

afterAll(async () => {
  await closeSite(site);
  await cleanUp();
});

const deliver = (id: number, title = `Busy ${id}`) =>
  postDelivery(target, "workflow_run", workflowRun(id, title));
const say = (run: ExternalRun, messageId: string, text: string) =>
  run.append([{ textDelta: { messageId, text } }]);
const listOf = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));

it(
  "shows a delivery that changes nothing, also as the very first",
  async () => {
    const { page } = await site.signedIn();
    await page.goto(`${site.url}/p/harbor/deliveries`);
    await page.getByText("No deliveries yet").waitFor();
    await page.locator("[data-connection=live]").waitFor();
    await postDelivery(target, "ping", { zen: "Keep it small", hook_id: 1, repository: REPOSITORY });
    await listOf(page, "Deliveries").getByText("ping").waitFor({ timeout: 15_000 });
  },
  TIMEOUT,
);

it(
  "holds the place in a list of deliveries while more come, and goes to them when they are asked for",
  async () => {
    for (let id = 1; id <= 120; id++) await deliver(id);
    const { page } = await site.signedIn();
    await page.goto(`${site.url}/p/harbor/deliveries`);
    const list = listOf(page, "Deliveries");
    await list.getByRole("link").first().waitFor();
    await page.locator("[data-connection=live]").waitFor();
    const end = () =>
      list.evaluate((element) => {
        element.scrollTop = element.scrollHeight;
        return element.scrollHeight;
      });
    await expect.poll(end).toBeGreaterThan(100 * 36);
    const top = await list.evaluate((element) => element.scrollTop);
    await deliver(121);
    await page.getByRole("button", { name: "1 new delivery" }).focus();
    expect(await list.evaluate((element) => element.scrollTop)).toBe(top);
    await page.keyboard.press("Enter");
    await expect.poll(() => list.evaluate((element) => element.scrollTop)).toBe(0);
    expect(await focused(page)).toBe("Deliveries");
  },
  TIMEOUT,
);

it(
  "shows the first run of a project in place of the word that there is none",
  async () => {
    const { page } = await site.signedIn();
    await page.goto(`${site.url}/p/harbor/runs`);
    await page.getByText("No runs yet").waitFor();
    await page.locator("[data-connection=live]").waitFor();
    const run = await startRunOn(site, "Be the first");
    await listOf(page, "Runs").getByText("Be the first").waitFor();
    expect(await page.getByText("No runs yet").count()).toBe(0);
    await run.finish();
  },
  TIMEOUT,
);

it(
  "stays at the hit that was gone to while a text before it gets another",
  async () => {
    const run = await startRunOn(site, "Write two texts at once");
    await say(run, "a", "the needle of a, ");
    await say(run, "b", "the needle of b");
    const { page } = await site.signedIn();
    await page.goto(`${site.url}/runs/${run.id}`);
    await logOf(page).getByText("the needle of b").waitFor();
    const status = page.getByRole("region", { name: "Stream" }).getByRole("status");
    await page.keyboard.press("/");
    await page.keyboard.type("needle");
    await status.getByText("1 of 2", { exact: true }).waitFor();
    await page.keyboard.press("Enter");
    await status.getByText("2 of 2", { exact: true }).waitFor();
    await say(run, "a", "and one more needle");
    await status.getByText("3 of 3", { exact: true }).waitFor();
    const row = logOf(page).locator("[data-row]", { has: page.locator("mark[data-current]") });
    expect(await row.textContent()).toContain("the needle of b");
    await run.finish();
  },
  TIMEOUT,
);

it(
  "finds the first hit from what is read on, letter by letter, and behind the last one the first",
  async () => {
    const run = await startRunOn(site, "Search from here");
    await writeLines(run, 0, 2_000, { 40: " needle", 900: " needle", 910: " needles", 1500: " needle" });
    await run.finish();
    const { page } = await site.signedIn();
    await page.goto(`${site.url}/runs/${run.id}`);
    await logOf(page).getByText(line(0)).first().waitFor();
    const status = page.getByRole("region", { name: "Stream" }).getByRole("status");
    const scrollTo = async (part: number, shown: number) => {
      await logOf(page).evaluate((element, at) => {
        element.scrollTop = element.scrollHeight * at;
      }, part);
      await logOf(page).getByText(line(shown)).first().waitFor();
    };
    await scrollTo(0.4, 810);
    await page.keyboard.press("/");
    await page.keyboard.type("need");
    await status.getByText("2 of 4", { exact: true }).waitFor();
    await page.keyboard.type("les");
    await status.getByText("1 of 1", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
    await scrollTo(1, 1_999);
    await page.keyboard.press("/");
    await page.keyboard.type("needle");
    await status.getByText("1 of 4", { exact: true }).waitFor();
    const current = logOf(page).locator("mark[data-current]");
    await expect.poll(() => inView(logOf(page), current)).toBe(true);
  },
  TIMEOUT,
);

it(
  "leads to what came until the end of a run, from where somebody had stopped",
  async () => {
    const run = await startRunOn(site, "End while somebody reads");
    await writeLines(run, 0, 300);
    const { page } = await site.signedIn();
    await page.goto(`${site.url}/runs/${run.id}`);
    await showsEnd(page, 299);
    await page.keyboard.press("f");
    await writeLines(run, 300, 800);
    await page.getByRole("button", { name: /Jump to live \(\d+ new\)/ }).waitFor();
    await run.finish();
    await page.getByText("Completed", { exact: true }).first().waitFor();
    expect(await inView(logOf(page), logOf(page).getByText(line(299)).first())).toBe(true);
    await page.getByRole("button", { name: /Jump to the end \(\d+ new\)/ }).click();
    await logOf(page).getByText(line(799)).last().waitFor();
    await expect.poll(() => page.getByRole("button", { name: /Jump to/ }).count()).toBe(0);
  },
  TIMEOUT,
);

it(
  "leads to the log of a run that failed and returned nothing, and promises no result",
  async () => {
    const run = await startRunOn(site, "Fail with nothing");
    await say(run, "a", "it went badly.");
    const { page } = await site.signedIn();
    await page.goto(`${site.url}/runs/${run.id}`);
    await logOf(page).getByText("it went badly.").waitFor();
    await run.finish("FAILED", {});
    await page.getByText("Failed", { exact: true }).first().waitFor();
    // The object, which has the result, is read once more then.
    await page.getByRole("button", { name: "Cancel" }).waitFor({ state: "detached" });
    expect(await page.getByText("The result is ready").count()).toBe(0);
    await page.reload();
    await logOf(page).getByText("it went badly.").waitFor();
    await page.getByRole("button", { name: "Result", exact: true }).click();
    await page.getByText("This run returned no result").waitFor();
  },
  TIMEOUT,
);
