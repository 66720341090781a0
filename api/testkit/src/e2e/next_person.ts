import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { deferred } from "../deferred.ts";
import type { ExternalRun } from "../external_run.ts";
import { OWNER } from "../process.ts";
import { logIn } from "./person.ts";
import type { Site } from "./site.ts";

const TIMEOUT = 60_000;
const NEXT = { email: "next@example.com", password: "the next good password" };

/** Runs in the page. */
function watchForSecrets() {
  const look = () => {
    if (document.body?.textContent?.includes("for the owner alone")) console.log("shown: a secret");
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
}

/** Logs the next person in, whose page is told nothing until it has shown what it shows by itself. */
async function nextPersonSees(page: Page): Promise<string[]> {
  const seen: string[] = [];
  const listen = (line: { text(): string }) => line.text().startsWith("shown:") && seen.push(line.text());
  const asked = deferred();
  const answers = deferred();
  await page.route("**/graphql", async (route) => {
    asked.resolve();
    await answers.promise;
    await route.continue();
  });
  await page.evaluate(watchForSecrets);
  page.on("console", listen);
  await logIn(page, NEXT.email, NEXT.password);
  await asked.promise;
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  answers.resolve();
  await page.getByText("Welcome to Shiplog").waitFor();
  await page.unroute("**/graphql");
  page.off("console", listen);
  return seen;
}

/** One tab, two people: what one has read is not there for the other. */
export function testNextPerson(site: () => Site, startRun: (task: string) => Promise<ExternalRun>): void {
  it(
    "shows the next person who logs in on a tab nothing of the one before",
    async () => {
      await site().owner.graphql(
        "mutation($input: CreateUserInput!) { createUser(input: $input) { __typename } }",
        { input: { ...NEXT, name: "Next" } },
      );
      const run = await startRun("A task for the owner alone");
      const { page, context } = await site().signedIn();
      await page.addInitScript(watchForSecrets);
      await page.getByText("A task for the owner alone").first().waitFor();
      // Logged out in another tab.
      const other = await context.newPage();
      await other.goto(`${site().url}/account`);
      await other.getByRole("button", { name: /Account and theme/ }).click();
      await other.getByRole("menuitem", { name: "Log out" }).click();
      await page.getByText("Your session has ended").waitFor();
      expect(await nextPersonSees(page)).toEqual([]);
      await other.close();
      // Not logged out at all: gone back to where one logs in.
      await page.getByRole("button", { name: /Account and theme/ }).click();
      await page.getByRole("menuitem", { name: "Log out" }).click();
      await page.getByRole("link", { name: "Forgot your password?" }).click();
      await page.getByRole("link", { name: "log in", exact: false }).click();
      await logIn(page, OWNER.email, OWNER.password);
      await page.getByText("A task for the owner alone").first().waitFor();
      await page.goBack();
      await page.getByRole("link", { name: "log in", exact: false }).click();
      expect(await nextPersonSees(page)).toEqual([]);
      await run.finish();
    },
    TIMEOUT,
  );
}
