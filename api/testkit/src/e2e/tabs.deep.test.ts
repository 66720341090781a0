import type { BrowserContext, Page, Response } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cleanUp } from "../process.ts";
import { open, signedInAs } from "./person.ts";
import { closeSite, openSite, type Site } from "./site.ts";

const TIMEOUT = 120_000;

let site: Site;

beforeAll(async () => {
  site = await openSite();
}, TIMEOUT);

afterAll(async () => {
  await closeSite(site);
  await cleanUp();
});

/** Two tabs of one browser on pages that hold a stream; and what either asked of the session's routes. */
async function twoTabs(): Promise<{ tabs: [Page, Page]; context: BrowserContext; answers: Response[] }> {
  const { page, context } = await site.signedIn();
  const other = await context.newPage();
  const answers: Response[] = [];
  context.on("response", (response) => {
    if (new URL(response.url()).pathname.startsWith("/api/v1/auth/")) answers.push(response);
  });
  for (const tab of [page, other]) await open(site, tab, `/p/${site.project.slug}`);
  return { tabs: [page, other], context, answers };
}

const both = <T>([one, two]: [Page, Page], act: (page: Page) => Promise<T>) =>
  Promise.all([act(one), act(two)]);

it(
  "two tabs whose access has run out renew it together, again and again, and stay signed in",
  async () => {
    const { tabs, context, answers } = await twoTabs();
    for (const path of ["/account", "/account/sessions", "/projects"]) {
      answers.length = 0;
      await context.clearCookies({ name: "shiplog_at" });
      await both(tabs, (tab) => open(site, tab, path));
      await both(tabs, (tab) => signedInAs(tab, "owner"));
      const renewals = answers.filter((one) => one.url().endsWith("/refresh"));
      expect(renewals.length).toBeGreaterThan(0);
      expect(renewals.map((one) => one.status()).filter((status) => status !== 200)).toEqual([]);
      expect((await context.cookies(site.url)).map(({ name }) => name)).toContain("shiplog_at");
    }
    // Without a reload, by what a click asks.
    answers.length = 0;
    await context.clearCookies({ name: "shiplog_at" });
    await both(tabs, (tab) => tab.getByRole("link", { name: "Overview", exact: true }).click());
    await both(tabs, (tab) => tab.getByRole("heading", { level: 1 }).first().waitFor());
    await both(tabs, (tab) => open(site, tab, "/account"));
    await both(tabs, (tab) => signedInAs(tab, "owner"));
  },
  TIMEOUT,
);

it(
  "logging out in one tab ends the other at once, which comes back where it was",
  async () => {
    const { tabs, context, answers } = await twoTabs();
    const [one, two] = tabs;
    await one.getByRole("button", { name: "Account and theme: owner" }).click();
    await one.getByRole("menuitem", { name: "Log out" }).click();
    await one.waitForURL(/\/login/);
    // Nothing is asked of the other tab: it learns by itself.
    await two.waitForURL(`${site.url}/login?next=${encodeURIComponent(`/p/${site.project.slug}`)}`);
    const refreshed = answers.filter((answer) => answer.url().endsWith("/refresh") && answer.ok());
    expect(refreshed).toEqual([]);
    expect((await context.cookies(site.url)).filter(({ name }) => /_(at|rt)$/.test(name))).toEqual([]);
    await two.getByLabel("Email").waitFor();
  },
  TIMEOUT,
);

it(
  "a tab without a stream, logged out elsewhere, ends as well",
  async () => {
    const { tabs } = await twoTabs();
    const [one, two] = tabs;
    await open(site, two, "/account");
    await open(site, one, "/account/sessions");
    await one.getByRole("button", { name: "Log out everywhere" }).click();
    await one.getByRole("button", { name: "Log out now" }).click();
    await one.waitForURL(/\/login/);
    await two.waitForURL(`${site.url}/login?next=%2Faccount`);
  },
  TIMEOUT,
);
