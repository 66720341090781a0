import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cleanUp, OWNER } from "../process.ts";
import {
  choosePassword,
  flaws,
  logIn,
  newBrowser as newBrowserOf,
  open as openIn,
  shownOnce,
  signedInAs,
} from "./person.ts";
import { closeSite, openSite, type Site } from "./site.ts";

const TIMEOUT = 120_000;
const NEWCOMER = { email: "ines@example.com", name: "Ines Marrero", password: "a harbour at low tide" };
const SECOND_PASSWORD = "a harbour at high tide";
const THIRD_PASSWORD = "the lighthouse is on";

let site: Site;
let owner: { page: Page; context: BrowserContext; errors: string[] };

beforeAll(async () => {
  site = await openSite({
    SHIPLOG_GITHUB_CLIENT_ID: "id",
    SHIPLOG_GITHUB_CLIENT_SECRET: "secret",
  });
  owner = await site.enter();
}, TIMEOUT);

afterAll(async () => {
  await closeSite(site);
  await cleanUp();
});

const open = (page: Page, path: string) => openIn(site, page, path);
const newBrowser = () => newBrowserOf(site);

describe("a person, from the invitation to the end of a session", () => {
  let newcomer: Page;

  it(
    "is invited by an owner, who copies the link",
    async () => {
      const { page } = owner;
      await open(page, `/p/${site.project.slug}/settings/members`);
      await page.getByLabel("Email").first().fill(NEWCOMER.email);
      await page.getByRole("button", { name: "Invite", exact: true }).click();
      const link = await shownOnce(page, /\/invitation#/);
      expect(await flaws(page)).toEqual([]);

      newcomer = await newBrowser();
      await newcomer.goto(link);
      await newcomer.getByRole("heading", { name: "Join Harbor" }).waitFor();
      expect(newcomer.url()).toBe(`${site.url}/invitation`);
      expect(await flaws(newcomer)).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    "makes an account with it and sees the project",
    async () => {
      await newcomer.getByLabel("Your name").fill(NEWCOMER.name);
      await choosePassword(newcomer, "Password", NEWCOMER.password);
      await newcomer.getByRole("button", { name: "Create account and join" }).click();
      await signedInAs(newcomer, NEWCOMER.name);
      await newcomer.waitForURL(`${site.url}/p/${site.project.slug}`);
      await newcomer.getByRole("button", { name: "Harbor Switch project" }).waitFor();
      await open(owner.page, `/p/${site.project.slug}/settings/members`);
      await owner.page.getByLabel(`Role of ${NEWCOMER.name}`).waitFor();
    },
    TIMEOUT,
  );

  it(
    "changes the name, which the others see",
    async () => {
      await open(newcomer, "/account");
      const name = newcomer.getByLabel("Name", { exact: true });
      const save = newcomer.getByRole("button", { name: "Save", exact: true });
      expect(await name.inputValue()).toBe(NEWCOMER.name);
      expect(await save.isDisabled()).toBe(true);
      await name.fill("Ines M. Duarte");
      await newcomer.keyboard.press("Enter");
      await newcomer.getByText("Saved.").waitFor();
      await signedInAs(newcomer, "Ines M. Duarte");
      expect(await flaws(newcomer)).toEqual([]);
      await open(owner.page, `/p/${site.project.slug}/settings/members`);
      await owner.page.getByLabel("Role of Ines M. Duarte").waitFor();
      await name.fill(NEWCOMER.name);
      await save.click();
      await signedInAs(newcomer, NEWCOMER.name);
    },
    TIMEOUT,
  );

  it(
    "changes the password, which ends the sessions elsewhere",
    async () => {
      const elsewhere = await newBrowser();
      await open(elsewhere, "/login");
      expect(await flaws(elsewhere)).toEqual([]);
      await logIn(elsewhere, NEWCOMER.email, NEWCOMER.password);
      await signedInAs(elsewhere, NEWCOMER.name);

      await open(newcomer, "/account/sessions");
      await expect.poll(() => newcomer.getByRole("button", { name: "End", exact: true }).count()).toBe(1);
      expect(await flaws(newcomer)).toEqual([]);
      await open(newcomer, "/account");
      expect(await flaws(newcomer)).toEqual([]);
      await newcomer.getByLabel("Current password").fill("not the one");
      await choosePassword(newcomer, "New password", SECOND_PASSWORD);
      await newcomer.getByRole("button", { name: "Change password" }).click();
      await newcomer.getByRole("alert").waitFor();
      const anew = elsewhere.waitForEvent("load");
      await newcomer.getByLabel("Current password").fill(NEWCOMER.password);
      await newcomer.getByRole("button", { name: "Change password" }).click();
      await newcomer.getByText("Password changed. 1 other session ended.").waitFor();

      // It hears of it by its socket, and loads the page to log in anew.
      await anew;
      await elsewhere.waitForURL(/\/login/);
      await elsewhere.goto(`${site.url}/account`);
      await elsewhere.waitForURL(/\/login/);
      await elsewhere.context().close();
    },
    TIMEOUT,
  );

  it(
    "logs out everywhere, forgets the password and gets a link from an administrator",
    async () => {
      await open(newcomer, "/account/sessions");
      await newcomer.getByRole("button", { name: "Log out everywhere" }).click();
      await newcomer.getByRole("button", { name: "Log out now" }).click();
      await newcomer.waitForURL(/\/login/);
      await newcomer.getByRole("link", { name: "Forgot your password?" }).click();
      await newcomer.getByLabel("Email").fill(NEWCOMER.email);
      expect(await flaws(newcomer)).toEqual([]);
      await newcomer.keyboard.press("Enter");
      await newcomer.getByText("a link is on its way").waitFor();

      const { page } = owner;
      await open(page, "/admin/passwords");
      await page.getByRole("button", { name: `Make a link for ${NEWCOMER.name}` }).click();
      const link = await shownOnce(page, /\/reset-password#/);
      expect(await flaws(page)).toEqual([]);
      await newcomer.goto(link);
      await newcomer.getByRole("heading", { name: "Choose a new password" }).waitFor();
      expect(newcomer.url()).toBe(`${site.url}/reset-password`);
      expect(await flaws(newcomer)).toEqual([]);
      await choosePassword(newcomer, "New password", THIRD_PASSWORD);
      await newcomer.keyboard.press("Enter");
      await signedInAs(newcomer, NEWCOMER.name);

      const late = await newBrowser();
      await late.goto(link);
      await choosePassword(late, "New password", "somebody else's choice");
      await late.keyboard.press("Enter");
      await late.getByRole("heading", { name: "This link does not work" }).waitFor();
      expect(await flaws(late)).toEqual([]);
      await late.context().close();
    },
    TIMEOUT,
  );

  it(
    "who has an account accepts an invitation with it, and one that is revoked leads nowhere",
    async () => {
      const { page } = owner;
      const made = await site.owner.graphql<{ createProject: { project: { id: string } } }>(
        `mutation { createProject(input: {name: "Quay", slug: "quay"}) {
          ... on CreateProjectPayload { project { id } } } }`,
      );
      expect(made.createProject.project.id).toBeTruthy();
      await open(page, "/p/quay/settings/members");
      const invite = async (email: string) => {
        await page.getByLabel("Email").first().fill(email);
        await page.getByRole("button", { name: "Invite", exact: true }).click();
        await page.getByRole("list").getByText(email).waitFor();
        return shownOnce(page, /\/invitation#/);
      };
      const theirs = await invite(NEWCOMER.email);
      const revoked = await invite("nobody@example.com");
      await page
        .getByRole("listitem")
        .filter({ hasText: "nobody@example.com" })
        .getByRole("button", { name: "Revoke" })
        .click();
      await page.getByRole("button", { name: "Revoke now" }).click();
      await page
        .getByRole("listitem")
        .filter({ hasText: "nobody@example.com" })
        .waitFor({ state: "detached" });

      const anybody = await newBrowser();
      await anybody.goto(revoked);
      await anybody.getByRole("heading", { name: "This invitation does not work" }).waitFor();
      expect(await flaws(anybody)).toEqual([]);
      // The address of somebody who is not signed in here: asked for his password.
      await anybody.goto(`${site.url}/login`);
      await anybody.goto(theirs);
      await anybody.getByText("There is an account with this address").waitFor();
      expect(await flaws(anybody)).toEqual([]);
      await anybody.context().close();

      await newcomer.goto(theirs);
      await newcomer.getByRole("button", { name: "Accept the invitation" }).click();
      await newcomer.waitForURL(`${site.url}/p/quay`);
      await newcomer.context().close();
    },
    TIMEOUT,
  );
});

describe("keys and the log of what was done", () => {
  it.each([
    ["of the project", () => `/p/${site.project.slug}/settings/keys`],
    ["of a person", () => "/account/keys"],
  ])(
    "a key %s is shown once, rotated and revoked",
    async (_whose, path) => {
      const { page } = owner;
      await open(page, path());
      await page.getByRole("textbox", { name: "Name" }).fill("claude-code in CI");
      await page.getByRole("button", { name: "Create key" }).click();
      const first = await shownOnce(page, /^slk_/);
      await page.getByRole("button", { name: "I have stored it" }).click();
      await page.getByText(first).waitFor({ state: "detached" });

      await page.getByRole("button", { name: "Rotate", exact: true }).click();
      expect(await flaws(page)).toEqual([]);
      await page.getByRole("button", { name: "Rotate key" }).click();
      await page.getByText(/replaced by/).waitFor();
      const second = await shownOnce(page, /^slk_/);
      expect(second).not.toBe(first);
      for (const key of [first, second]) {
        const answer = await fetch(`${site.url}/graphql`, {
          method: "POST",
          headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
          body: JSON.stringify({ query: "{ viewer { apiKey { prefix } } }" }),
        });
        expect(await answer.json()).toMatchObject({
          data: { viewer: { apiKey: { prefix: expect.any(String) } } },
        });
      }
      await page.getByRole("listitem").filter({ hasText: "replaced by" }).getByRole("button").click();
      await page.getByRole("button", { name: "Revoke now" }).click();
      await page.getByText("Ended keys (1)").waitFor();
    },
    TIMEOUT,
  );

  it(
    "an owner sets how long what is kept",
    async () => {
      const { page } = owner;
      await open(page, `/p/${site.project.slug}/settings/retention`);
      expect(await flaws(page)).toEqual([]);
      await page.getByLabel("Content, days").fill("30");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("Saved.").waitFor();
      await open(page, `/p/${site.project.slug}/settings/retention`);
      expect(await page.getByLabel("Content, days").inputValue()).toBe("30");
    },
    TIMEOUT,
  );

  it(
    "the audit log of a project shows it, is searched and filtered by keyboard, and opens",
    async () => {
      const { page } = owner;
      await open(page, `/p/${site.project.slug}/audit`);
      const row = (action: string) => page.getByRole("button", { name: new RegExp(action) });
      for (const action of ["invitation.create", "invitation.accept", "api_key.create", "api_key.rotate"])
        await row(action.replace(".", "\\.")).first().waitFor();
      await page.getByRole("searchbox").fill("api_key.rotate");
      await expect.poll(() => row("api_key\\.create").count()).toBe(0);
      await expect.poll(() => row("api_key\\.rotate").count()).toBe(1);
      expect(page.url()).toContain("q=api_key.rotate");
      await row("api_key\\.rotate").focus();
      await page.keyboard.press("Enter");
      await page.getByText("ApiKey").waitFor();
      expect(await flaws(page)).toEqual([]);
      await page.getByRole("button", { name: "Refused" }).click();
      await page.getByText("No entry matches").waitFor();
    },
    TIMEOUT,
  );

  it(
    "it is narrowed to who did it, to what it was done to and to days, all in the address",
    async () => {
      const { page } = owner;
      await open(page, `/p/${site.project.slug}/audit?thing=invitation`);
      const rows = page.getByRole("button").filter({ hasText: /invitation\.(create|accept)/ });
      await expect.poll(() => rows.count()).toBe(2);
      await rows.filter({ hasText: "invitation.create" }).click();
      await page.getByRole("button", { name: /^Show only what was done to inv_/ }).click();
      await expect.poll(() => new URL(page.url()).searchParams.get("target")).toMatch(/^inv_/);
      // The invitation's whole life: made by one, accepted by another.
      await open(page, page.url().slice(site.url.length));
      await expect.poll(() => rows.count()).toBe(2);
      await rows.filter({ hasText: "invitation.create" }).click();
      await page.getByRole("button", { name: /^Show only what was done by usr_/ }).click();
      await expect.poll(() => rows.filter({ hasText: "accept" }).count()).toBe(0);
      await page.getByText("Done by").waitFor();
      expect(await flaws(page)).toEqual([]);
      await page.getByRole("button", { name: /^No longer only what was done by owner/ }).click();
      await rows.filter({ hasText: "accept" }).waitFor();
      await page.getByRole("button", { name: /^No longer only what was done to/ }).click();
      await expect.poll(() => new URL(page.url()).search).toBe("?thing=invitation");

      await page.getByLabel("Period").selectOption("Between dates");
      await page.setViewportSize({ width: 400, height: 860 });
      const day = (plus: number) => new Date(Date.now() + plus * 86_400_000).toISOString().slice(0, 10);
      await page.getByLabel("Last day").fill(day(-2));
      await page.getByText("No entry matches").waitFor();
      expect(page.url()).toContain(`to=${day(-2)}`);
      expect(await flaws(page)).toEqual([]);
      await page.getByLabel("Last day").fill(day(1));
      await page.getByLabel("First day").fill(day(-1));
      await expect.poll(() => rows.count()).toBe(2);
      await page.setViewportSize({ width: 1440, height: 900 });
    },
    TIMEOUT,
  );

  it(
    "that of the installation shows sign-ins to an administrator, and nobody else has the page",
    async () => {
      const { page, errors } = owner;
      await open(page, "/admin?thing=session");
      await page
        .getByRole("button", { name: /session\.create/ })
        .first()
        .waitFor();
      expect(await flaws(page)).toEqual([]);
      expect(errors).toEqual([]);
      await owner.context.close();

      const other = await site.signedIn({ email: NEWCOMER.email, password: THIRD_PASSWORD });
      await other.page.goto(`${site.url}/admin`);
      await other.page.getByRole("heading", { name: "This is for administrators" }).waitFor();
      await other.page.goto(`${site.url}/p/${site.project.slug}/audit`);
      await other.page.getByText("for owners of the project").waitFor();
    },
    TIMEOUT,
  );

  it(
    "signs in by a provider's button, and says why one did not let somebody in",
    async () => {
      const page = await newBrowser();
      await open(page, "/login?error=email_taken");
      await page.getByRole("alert").getByText("Somebody has that address already").waitFor();
      const start = await page.getByRole("link", { name: "Continue with GitHub" }).getAttribute("href");
      const answer = await fetch(new URL(start ?? "", site.url), { redirect: "manual" });
      expect(answer.status).toBe(303);
      expect(answer.headers.get("location")).toMatch(/^https:\/\/github\.com\/login\/oauth\/authorize/);
      await logIn(page, OWNER.email, "wrong");
      await page.getByRole("alert").waitFor();
      expect(await flaws(page)).toEqual([]);
      await page.context().close();
    },
    TIMEOUT,
  );
});
