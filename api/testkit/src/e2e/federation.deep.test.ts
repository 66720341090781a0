import { startProvider, type TestProvider } from "@shiplog/ingest/testing/oidc";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cleanUp, OWNER } from "../process.ts";
import { flaws, logIn, newBrowser, open, signedInAs } from "./person.ts";
import { closeSite, openSite, type Site } from "./site.ts";

const TIMEOUT = 120_000;
const BUTTON = "Continue with Example";

let site: Site;
let provider: TestProvider;

beforeAll(async () => {
  site = await openSite(async (url) => {
    provider = await startProvider(`${url}/api/v1/auth/oidc/callback`);
    provider.asks = true;
    return {
      SHIPLOG_OIDC_ISSUER: provider.issuer,
      SHIPLOG_OIDC_CLIENT_ID: provider.client.id,
      SHIPLOG_OIDC_CLIENT_SECRET: provider.client.secret,
      SHIPLOG_OIDC_NAME: "Example",
    };
  });
}, TIMEOUT);

afterAll(async () => {
  await closeSite(site);
  await provider.close();
  await cleanUp();
});

/** Somebody sits down at the provider. */
function arrive(account: string, claims: object = {}): void {
  provider.account = account;
  provider.people.set(account, { name: account, ...claims });
}

/** From a button to the provider's own page. */
async function toProvider(page: Page, button: string): Promise<void> {
  await page.getByRole("link", { name: button }).click();
  await page.getByRole("heading", { name: "Let Shiplog know who you are?" }).waitFor();
  expect(page.url()).toContain(`${provider.issuer}/interaction/`);
}

const answer = (page: Page, word: "Continue" | "Cancel") =>
  page.getByRole("link", { name: word, exact: true }).click();

/** The sign-in page says why, offers the way again, and nobody is signed in. */
async function refused(page: Page, why: string): Promise<void> {
  await page.waitForURL(`${site.url}/login?**`);
  await page.getByRole("alert").getByText(why).waitFor();
  await page.getByRole("link", { name: BUTTON }).waitFor();
  const held = (await page.context().cookies(site.url)).map(({ name }) => name);
  expect(held.filter((name) => name.startsWith("shiplog_"))).toEqual([]);
  expect(await flaws(page)).toEqual([]);
}

it(
  "a person links a provider, and from then on it leads from the sign-in page to the page he wanted",
  async () => {
    arrive("owner-at-the-provider", { email: "boss@provider.example", email_verified: true });
    const { page, context } = await site.signedIn();
    await open(site, page, "/account");
    await page.getByRole("button", { name: "Link Example" }).click();
    await answer(page, "Continue");
    await page.waitForURL(`${site.url}/account`);
    await page.getByText("boss@provider.example").waitFor();
    expect(await flaws(page)).toEqual([]);
    await context.close();

    const elsewhere = await newBrowser(site);
    await elsewhere.goto(`${site.url}/p/${site.project.slug}/settings/members`);
    await elsewhere.waitForURL(/\/login\?next=/);
    await toProvider(elsewhere, BUTTON);
    await answer(elsewhere, "Continue");
    await elsewhere.waitForURL(`${site.url}/p/${site.project.slug}/settings/members`);
    await signedInAs(elsewhere, "owner");
    // The session is one like any other: it outlives a reload, and knows how it began.
    await open(site, elsewhere, "/account/sessions");
    await elsewhere.getByText("Single sign-on, ").first().waitFor();
    await elsewhere.context().close();
  },
  TIMEOUT,
);

it(
  "who cancels at the provider, or is nobody here, reads why and may try again",
  async () => {
    arrive("a-stranger", { email: OWNER.email, email_verified: true });
    const page = await newBrowser(site);
    await open(site, page, "/login");
    await toProvider(page, BUTTON);
    await answer(page, "Cancel");
    await refused(page, "The provider did not let you in.");
    // An address that somebody has here finds nobody.
    await toProvider(page, BUTTON);
    await answer(page, "Continue");
    await refused(page, "Nobody here knows this account.");
    await logIn(page, OWNER.email, OWNER.password);
    await signedInAs(page, "owner");
    await page.context().close();
  },
  TIMEOUT,
);

it(
  "an answer to another sign-in than the one under way is refused, and the one under way is over",
  async () => {
    arrive("owner-at-the-provider");
    const first = await newBrowser(site);
    await open(site, first, "/login");
    await toProvider(first, BUTTON);
    const second = await first.context().newPage();
    await open(site, second, "/login");
    await toProvider(second, BUTTON);
    await answer(first, "Continue");
    await refused(first, "This sign-in was begun in another browser, or took too long.");
    await answer(second, "Continue");
    await refused(second, "This sign-in was begun in another browser, or took too long.");
    // The provider knows him by now and asks no more.
    await second.getByRole("link", { name: BUTTON }).click();
    await signedInAs(second, "owner");
    await first.context().close();
  },
  TIMEOUT,
);

/** The link that an owner passes on, opened in a browser of its own. */
async function invited(email: string): Promise<{ page: Page; token: string }> {
  const { createInvitation } = await site.owner.graphql<{ createInvitation: { link: string } }>(
    `mutation($input: CreateInvitationInput!) {
      createInvitation(input: $input) { ... on CreateInvitationPayload { link } ... on Error { message } }
    }`,
    { input: { projectId: site.project.id, email, role: "developer" } },
  );
  const page = await newBrowser(site);
  await page.goto(createInvitation.link);
  await page.getByRole("heading", { name: "Join Harbor" }).waitFor();
  return { page, token: new URL(createInvitation.link).hash.slice(1) };
}

it(
  "who is invited joins by a provider in one go and stands in the project; cancelled, the invitation waits",
  async () => {
    arrive("Ines Marrero", { email: "ines@provider.example", email_verified: true });
    const { page, token } = await invited("ines@example.com");
    const button = page.getByRole("button", { name: BUTTON });
    await button.waitFor();
    expect(await flaws(page)).toEqual([]);
    await button.click();
    await answer(page, "Cancel");
    await page.waitForURL(`${site.url}/invitation?error=refused`);
    await page.getByRole("alert").getByText("The provider did not let you in.").waitFor();
    expect(await flaws(page)).toEqual([]);
    await button.click();
    await answer(page, "Continue");
    await page.waitForURL(`${site.url}/p/${site.project.slug}`);
    await signedInAs(page, "Ines Marrero");
    await open(site, page, "/account");
    await page.getByText("ines@provider.example").waitFor();
    await page.getByText("ines@example.com").first().waitFor();
    await page.context().close();

    const late = await newBrowser(site);
    await late.goto(`${site.url}/invitation#${token}`);
    await late.getByRole("heading", { name: "This invitation does not work" }).waitFor();
    await late.context().close();
  },
  TIMEOUT,
);

it(
  "an invitation to an address that has an account takes nobody else's identity for it",
  async () => {
    arrive("an-impostor", { email: "ines@example.com", email_verified: true });
    await site.owner.graphql(`mutation { createUser(input: {
      email: "taken@example.com", name: "Taken", password: "a harbour at low tide"}) { __typename } }`);
    const { page } = await invited("taken@example.com");
    await page.getByText("There is an account with this address").waitFor();
    await page.getByRole("button", { name: BUTTON }).click();
    await answer(page, "Continue");
    await page.waitForURL(`${site.url}/invitation?error=email_taken`);
    await page.getByRole("alert").getByText("Somebody has that address already.").waitFor();
    expect(await flaws(page)).toEqual([]);
    await page.context().close();
  },
  TIMEOUT,
);
