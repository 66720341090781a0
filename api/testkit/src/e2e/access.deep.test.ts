import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cleanUp, OWNER } from "../process.ts";
import { flaws, logIn, newBrowser, open, signedInAs } from "./person.ts";
import { closeSite, openSite, type Site } from "./site.ts";

const TIMEOUT = 120_000;
const GUEST = { email: "ada@example.com", name: "Ada Okonkwo", password: "a harbour at low tide" };

let site: Site;
let settings: string;

beforeAll(async () => {
  site = await openSite();
  settings = `/p/${site.project.slug}/settings`;
  await site.owner.graphql(
    "mutation($input: CreateUserInput!) { createUser(input: $input) { __typename } }",
    { input: GUEST },
  );
  await site.owner.graphql(
    "mutation($input: AddProjectMemberInput!) { addProjectMember(input: $input) { __typename } }",
    { input: { projectId: site.project.id, email: GUEST.email, role: "maintainer" } },
  );
}, TIMEOUT);

afterAll(async () => {
  await closeSite(site);
  await cleanUp();
});

const leave = (page: Page) => page.getByRole("button", { name: "Leave the project" });

it(
  "the last owner can neither leave nor step down, and reads why",
  async () => {
    const { page } = await site.signedIn();
    await open(site, page, `${settings}/members`);
    await leave(page).click();
    await page.getByRole("button", { name: "Leave now" }).click();
    const why = page.getByRole("alert").getByText("A project keeps at least one owner.");
    await why.waitFor();
    // Nothing is left to confirm, and the keyboard is where it was.
    await expect.poll(() => leave(page).evaluate((one) => one === document.activeElement)).toBe(true);
    expect(await flaws(page)).toEqual([]);

    await open(site, page, `${settings}/members`);
    const role = page.getByLabel("Role of owner");
    await role.selectOption("viewer");
    await why.waitFor();
    await expect.poll(() => role.inputValue()).toBe("owner");
  },
  TIMEOUT,
);

it(
  "what cannot be undone is confirmed, by keyboard too",
  async () => {
    const { page } = await site.signedIn();
    await open(site, page, `${settings}/members`);
    const remove = page.getByRole("button", { name: `Remove ${GUEST.name}` });
    await remove.focus();
    // Twice in a row, as a key held too long.
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await expect.poll(() => remove.evaluate((one) => one === document.activeElement)).toBe(true);
    await page.keyboard.press("Enter");
    expect(await flaws(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await expect.poll(() => remove.evaluate((one) => one === document.activeElement)).toBe(true);
    await page.getByLabel(`Role of ${GUEST.name}`).waitFor();
  },
  TIMEOUT,
);

it(
  "whoever becomes a viewer sees no button that he may not use, and may leave; the project is then nobody's page",
  async () => {
    const owner = await site.signedIn();
    await open(site, owner.page, `${settings}/members`);
    const guest = await site.signedIn(GUEST);
    await open(site, guest.page, `/p/${site.project.slug}/runs`);
    const start = guest.page.getByRole("button", { name: "Start a run" });
    await start.first().waitFor();

    await owner.page.getByLabel(`Role of ${GUEST.name}`).selectOption("viewer");
    await owner.page.getByText("Saved.").waitFor();
    await open(site, owner.page, `${settings}/members`);
    expect(await owner.page.getByLabel(`Role of ${GUEST.name}`).inputValue()).toBe("viewer");

    const { page } = guest;
    await open(site, page, `/p/${site.project.slug}/runs`);
    expect(await start.count()).toBe(0);
    await open(site, page, `/p/${site.project.slug}/pipelines`);
    await page.getByText("A maintainer of the project can set this up.").waitFor();
    for (const [tab, title] of [
      ["keys", "API keys are for maintainers"],
      ["integrations", "Integrations are for maintainers"],
      ["workspaces", "Workspaces are for administrators"],
    ] as const) {
      await open(site, page, `${settings}/${tab}`);
      await page.getByRole("heading", { name: title }).waitFor();
      expect(await page.locator("main").getByRole("button").count()).toBe(0);
      expect(await flaws(page)).toEqual([]);
    }
    for (const path of [settings, `${settings}/retention`]) {
      await open(site, page, path);
      expect(await page.locator("main").getByRole("button").count()).toBe(0);
      expect(await flaws(page)).toEqual([]);
    }
    await open(site, page, `${settings}/members`);
    expect(await page.locator("main").getByRole("button").count()).toBe(1);
    expect(await page.locator("main").getByRole("combobox").count()).toBe(0);
    await leave(page).click();
    await page.getByRole("button", { name: "Leave now" }).click();
    await page.waitForURL(`${site.url}/projects`);
    await page.getByText("No project yet").waitFor();
    for (const path of ["", "/runs", "/audit", "/settings/members"]) {
      await open(site, page, `/p/${site.project.slug}${path}`);
      await page.getByRole("heading", { level: 1, name: "No such project" }).waitFor();
    }
    expect(await flaws(page)).toEqual([]);
  },
  TIMEOUT,
);

it(
  "an address with a project that does not exist shows no other project's page",
  async () => {
    const { page } = await site.signedIn();
    await open(site, page, "/p/no-such-project/runs");
    await page.getByRole("heading", { level: 1, name: "No such project" }).waitFor();
    expect(await page.getByRole("button", { name: "Start a run" }).count()).toBe(0);
    await open(site, page, "/no/such/page");
    await page.getByRole("heading", { level: 1, name: "No such page" }).waitFor();
    expect(await flaws(page)).toEqual([]);
  },
  TIMEOUT,
);

it(
  "a session ended elsewhere lands on the sign-in page with the reason, and goes on where it was",
  async () => {
    const { page } = await site.signedIn();
    await open(site, page, `/p/${site.project.slug}`);
    const elsewhere = await site.signedIn();
    await open(site, elsewhere.page, "/account/sessions");
    await elsewhere.page.getByRole("button", { name: "Log out the others" }).click();
    await page.waitForURL(`${site.url}/login?next=${encodeURIComponent(`/p/${site.project.slug}`)}`);
    const reason = page.getByText("Your session has ended");
    await reason.waitFor();
    expect(await flaws(page)).toEqual([]);
    await logIn(page, OWNER.email, OWNER.password);
    await signedInAs(page, "owner");
    expect(page.url()).toBe(`${site.url}/p/${site.project.slug}`);
    // Whoever logs out himself needs no reason.
    await page.getByRole("button", { name: "Account and theme: owner" }).click();
    await page.getByRole("menuitem", { name: "Log out" }).click();
    await page.waitForURL(`${site.url}/login`);
    await page.getByLabel("Email").waitFor();
    expect(await reason.count()).toBe(0);
  },
  TIMEOUT,
);

it(
  "a server that is busy ends nobody's session: the page goes on when it answers again",
  async () => {
    const { page, context } = await site.signedIn();
    await open(site, page, "/account");
    let refused = 0;
    await context.route("**/api/v1/auth/refresh", (route) => {
      refused += 1;
      return refused > 1 ? route.continue() : route.fulfill({ status: 503, body: "{}" });
    });
    await context.clearCookies({ name: "shiplog_at" });
    await page.goto(`${site.url}/account/sessions`);
    await page.getByRole("heading", { name: "Where you are signed in" }).waitFor();
    expect(refused).toBe(2);
    expect(page.url()).toBe(`${site.url}/account/sessions`);
  },
  TIMEOUT,
);

it(
  "whoever guesses passwords reads how long to wait, while the person gets in where he was before",
  async () => {
    const known = await site.signedIn(GUEST);
    await known.page.getByRole("button", { name: `Account and theme: ${GUEST.name}` }).click();
    await known.page.getByRole("menuitem", { name: "Log out" }).click();
    await known.page.waitForURL(`${site.url}/login`);

    const page = await newBrowser(site);
    await open(site, page, "/login");
    await page.getByLabel("Email").fill(GUEST.email);
    const password = page.getByLabel("Password");
    const said = page.getByRole("alert");
    await expect
      .poll(
        async () => {
          await password.fill("a wrong guess");
          const answer = page.waitForResponse("**/api/v1/auth/login");
          await page.keyboard.press("Enter");
          await (await answer).finished();
          return said.textContent();
        },
        { timeout: 60_000 },
      )
      .toMatch(/Too many attempts. Try again in \d+ seconds/);
    expect(await flaws(page)).toEqual([]);
    await page.context().close();
    await logIn(known.page, GUEST.email, GUEST.password);
    await signedInAs(known.page, GUEST.name);
  },
  TIMEOUT,
);
