import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { cleanUp } from "../process.ts";
import { closeSite, openSite, type Site } from "./site.ts";

const TIMEOUT = 120_000;

let site: Site;
/** Where each page of the demo is, by what it shows. */
let paths: string[];

interface Ids {
  agentExecutions: { edges: { node: { id: string; status: string } }[] };
  pipelineExecutions: { edges: { node: { id: string; status: string } }[] };
  aiActivities: { edges: { node: { id: string } }[] };
  webhookDeliveries: { edges: { node: { id: string } }[] };
}

const IDS = `query($id: ID!) {
  agentExecutions(projectId: $id) { edges { node { id status } } }
  pipelineExecutions(projectId: $id) { edges { node { id status } } }
  aiActivities(projectId: $id) { edges { node { id } } }
  webhookDeliveries(projectId: $id, first: 1) { edges { node { id } } }
}`;

async function demoIds(): Promise<Ids | null> {
  const { project } = await site.owner.graphql<{ project: { id: string } | null }>(
    '{ project(slug: "demo") { id } }',
  );
  return project ? site.owner.graphql<Ids>(IDS, { id: project.id }) : null;
}

/** The story has been told: two pipelines and the re-run, both agent runs ended, the activity recorded. */
function told(ids: Ids): boolean {
  const ended = ids.agentExecutions.edges.filter(({ node }) => node.status === "COMPLETED").length;
  const green = ids.pipelineExecutions.edges.filter(({ node }) => node.status === "SUCCESS").length;
  return ended === 2 && green === 2 && ids.aiActivities.edges.length === 1;
}

const VIOLATION = "refused by the policy:";

/** Runs in the page. */
function tellViolations() {
  document.addEventListener("securitypolicyviolation", (event) =>
    console.log("refused by the policy:", event.effectiveDirective, event.blockedURI, event.sample),
  );
}

/** Typing, running and a look at what only style attributes put in their places: one line below the other. */
async function useGraphiql(page: Page) {
  const lines = page.locator(".graphiql-query-editor .view-line");
  await lines.first().click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type('\n# style="color: red" <b style="x">\n');
  await page.keyboard.press("Control+Enter");
  await page.locator(".result-window").getByText("Harbor").waitFor();
  await page.locator(".graphiql-query-editor").getByText('# style="color: red" <b style="x">').waitFor();
  const tops = await lines.evaluateAll((all) => all.map((line) => line.getBoundingClientRect().top));
  expect(new Set(tops).size).toBe(tops.length);
}

/** It unfolds, searches, and looks as its style elements say. */
async function useReference(page: Page) {
  await page.getByText("Models").first().click();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("webhook");
  await page.getByText("/api/v1/webhooks/{provider}/{integrationId}").first().waitFor();
  const list = page.locator("nav li, aside li").first();
  expect(await list.evaluate((item) => getComputedStyle(item).listStyleType)).toBe("none");
}

beforeAll(async () => {
  site = await openSite({ SHIPLOG_DEMO: "1", SHIPLOG_DEMO_SPEED: "50" });
  const ids = await vi.waitFor(
    async () => {
      const found = await demoIds();
      if (!found || !told(found)) throw new Error("the story is not told yet");
      return found;
    },
    { timeout: 60_000, interval: 500 },
  );
  const { agentExecutions, pipelineExecutions, aiActivities, webhookDeliveries } = ids;
  paths = [
    "/",
    "/projects",
    ...["", "/runs", "/pipelines", "/deployments", "/activity", "/deliveries"].map(
      (path) => `/p/demo${path}`,
    ),
    ...["", "/members", "/integrations", "/keys", "/workspaces"].map((tab) => `/p/demo/settings${tab}`),
    ...agentExecutions.edges.map(({ node }) => `/runs/${node.id}`),
    ...pipelineExecutions.edges.map(({ node }) => `/pipelines/${node.id}`),
    `/activity/${aiActivities.edges[0]?.node.id}`,
    `/deliveries/${webhookDeliveries.edges[0]?.node.id}`,
  ];
}, TIMEOUT);

afterAll(async () => {
  await closeSite(site);
  await cleanUp();
});

async function violations(page: Page, rules: readonly string[] = []): Promise<string[]> {
  // In the page itself, and without a word about what is right: otherwise each look opens a page of its own.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
  const { violations: found } = await (rules.length > 0 ? axe.withRules([...rules]) : axe).analyze();
  return found.map((one) => `${page.url()} ${one.id}: ${one.nodes.map((node) => node.html).join(" | ")}`);
}

/** The page is there, and what it asked for has come. */
async function settled(page: Page, path: string): Promise<void> {
  await page.goto(site.url + path);
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await expect
    .poll(() => page.locator("[aria-busy=true]").count(), { timeout: 15_000, message: `${path} stays busy` })
    .toBe(0);
}

describe("every page, told by the demo", () => {
  it(
    "has no axe violation, enough contrast in the dark too, and fits a narrow screen",
    async () => {
      const { page } = await site.signedIn();
      const found: string[] = [];
      for (const path of paths) {
        await settled(page, path);
        found.push(...(await violations(page)));
        await page.emulateMedia({ colorScheme: "dark" });
        found.push(...(await violations(page, ["color-contrast"])).map((one) => `dark: ${one}`));
        await page.emulateMedia({ colorScheme: "light" });
        await page.setViewportSize({ width: 400, height: 860 });
        const over = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        if (over > 0) found.push(`${path} is ${over} px wider than a screen of 400`);
        await page.setViewportSize({ width: 1440, height: 900 });
      }
      expect(found).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    "gives the README its picture",
    async () => {
      const { page } = await site.signedIn();
      const run = paths.filter((path) => path.startsWith("/runs/")).at(0) ?? "";
      await settled(page, run);
      await page.getByRole("button", { name: "Log", exact: true }).click();
      await page.getByText("I will look at how heights are compared").first().waitFor();
      await page.getByText("run_tests").nth(1).waitFor();
      const picture = await page.screenshot(
        process.env.SHIPLOG_PICTURE ? { path: process.env.SHIPLOG_PICTURE } : {},
      );
      expect(picture.byteLength).toBeGreaterThan(20_000);
    },
    TIMEOUT,
  );

  it(
    "keeps GraphiQL and the API reference offline, one click away and within a policy of nonces",
    async () => {
      const { page, context } = await site.signedIn();
      const outside: string[] = [];
      context.on("request", (request) => {
        const { origin, protocol } = new URL(request.url());
        if (protocol.startsWith("http") && origin !== site.url) outside.push(request.url());
      });
      await context.addInitScript(tellViolations);
      await settled(page, "/");
      for (const [name, use] of [
        ["GraphiQL", useGraphiql],
        ["API reference", useReference],
      ] as const) {
        const link = page.getByRole("link", { name: new RegExp(name) });
        const href = await link.getAttribute("href");
        const other = await context.newPage();
        const violations: string[] = [];
        other.on("console", (line) => {
          if (line.text().startsWith(VIOLATION)) violations.push(line.text());
        });
        const answer = await other.goto(new URL(href ?? "", site.url).href);
        expect(answer?.headers()["content-security-policy"]).not.toContain("unsafe");
        await use(other);
        expect(violations).toEqual([]);
        await other.close();
      }
      expect(outside).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    "goes away with one click and stays away",
    async () => {
      const { page } = await site.signedIn();
      await settled(page, "/p/demo");
      await page
        .getByRole("button", { name: /remove/i })
        .first()
        .click();
      await expect
        .poll(
          async () =>
            (await site.owner.graphql<{ project: object | null }>('{ project(slug: "demo") { id } }'))
              .project,
        )
        .toBeNull();
    },
    TIMEOUT,
  );
});
