import { afterAll, beforeAll, expect, it } from "vitest";
import { cleanUp, OWNER } from "../process.ts";
import { flaws, logIn, newBrowser, open, signedInAs } from "./person.ts";
import { closeSite, openSite, type Site } from "./site.ts";

const TIMEOUT = 120_000;
const LEAVER = { email: "leaver@example.com", name: "Lea Ver", password: "a harbour at low tide" };

let site: Site;

beforeAll(async () => {
  site = await openSite();
}, TIMEOUT);

afterAll(async () => {
  await closeSite(site);
  await cleanUp();
});

it(
  "an administrator closes an account, which is signed out and cannot come back, and opens it again",
  async () => {
    await site.owner.graphql(
      "mutation ($input: CreateUserInput!) { createUser(input: $input) { __typename } }",
      {
        input: LEAVER,
      },
    );
    const theirs = await newBrowser(site);
    await open(site, theirs, "/login");
    await logIn(theirs, LEAVER.email, LEAVER.password);
    await signedInAs(theirs, LEAVER.name);

    const { page } = await site.signedIn();
    await open(site, page, "/admin/people");
    await page.getByLabel("Search people").fill("lea v");
    const disable = page.getByRole("button", { name: "Disable", exact: true });
    await expect.poll(() => disable.count()).toBe(1);
    await disable.click();
    await page.getByRole("button", { name: "Sign out and keep out" }).click();
    await page.getByText("disabled", { exact: true }).waitFor();
    expect(await flaws(page)).toEqual([]);

    await theirs.goto(`${site.url}/account`);
    await theirs.waitForURL(/\/login/);
    await logIn(theirs, LEAVER.email, LEAVER.password);
    await theirs.getByRole("alert").waitFor();
    await page.getByRole("button", { name: "Enable", exact: true }).click();
    await disable.waitFor();
    await logIn(theirs, LEAVER.email, LEAVER.password);
    await signedInAs(theirs, LEAVER.name);

    await page.getByRole("button", { name: "Make administrator" }).click();
    await page.getByRole("button", { name: "Give the power" }).click();
    await page.getByText("administrator", { exact: true }).waitFor();
    await open(site, theirs, "/admin/people");
    // Only the other's account is his to change.
    await expect.poll(() => theirs.getByRole("button", { name: "Make no administrator" }).count()).toBe(1);
    await theirs.getByLabel("Search people").fill(OWNER.email);
    await expect.poll(() => theirs.getByText(LEAVER.email).count()).toBe(0);
  },
  TIMEOUT,
);
