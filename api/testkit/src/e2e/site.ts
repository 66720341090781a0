import type { Browser, BrowserContext, Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";
import { type ApiClient, signIn, type WebhookTarget } from "../api.ts";
import { launchBrowser } from "../browser.ts";
import { agentKey, type ExternalRun, startExternalRun } from "../external_run.ts";
import { OWNER, type RunningShiplog, startShiplog } from "../process.ts";
import { startProxy, type TcpProxy } from "../proxy.ts";

/** A whole installation with a browser in front of it, behind a network that can be cut. */
export interface Site {
  /** What the browser opens. */
  readonly url: string;
  readonly shiplog: RunningShiplog;
  readonly proxy: TcpProxy;
  readonly browser: Browser;
  /** The owner, past the proxy. */
  readonly owner: ApiClient;
  readonly project: { readonly id: string; readonly slug: string };
  /** A signed-in page of its own. */
  enter(person?: Person): Promise<Visit>;
  /** As `enter`, until the end of the test, which fails when the page threw. */
  signedIn(person?: Person): Promise<Visit>;
}

interface Person {
  readonly email: string;
  readonly password: string;
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page threw. */
  readonly errors: string[];
}

const CREATE_PROJECT = `mutation($input: CreateProjectInput!) {
  createProject(input: $input) { ... on CreateProjectPayload { project { id slug } } ... on Error { message } }
}`;

type SiteEnv = Record<string, string>;

/** `env` may depend on the address, which is not known before; `args` are for the browser. */
export async function openSite(
  env: SiteEnv | ((url: string) => Promise<SiteEnv>) = {},
  args: readonly string[] = [],
): Promise<Site> {
  const proxy = await startProxy();
  const url = `http://127.0.0.1:${proxy.port}`;
  const own = typeof env === "function" ? await env(url) : env;
  const shiplog = await startShiplog({ env: { SHIPLOG_PUBLIC_URL: url, ...own } });
  proxy.target(Number(new URL(shiplog.url).port));
  const owner = await signIn(shiplog.url);
  const made = await owner.graphql<{ createProject: { project: { id: string; slug: string } } }>(
    CREATE_PROJECT,
    {
      input: { name: "Harbor", slug: "harbor", description: "Berths and tides" },
    },
  );
  const browser = await launchBrowser(args);
  const enter = async (person: Person = OWNER): Promise<Visit> => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(`${url}/login`);
    await page.getByLabel("Email").fill(person.email);
    await page.getByLabel("Password").fill(person.password);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.waitForURL((at) => !at.pathname.startsWith("/login"));
    return { page, context, errors };
  };
  return {
    url,
    shiplog,
    proxy,
    browser,
    owner,
    project: made.createProject.project,
    enter,
    async signedIn(person) {
      const visit = await enter(person);
      onTestFinished(async () => {
        await visit.context.close();
        expect(visit.errors).toEqual([]);
      });
      return visit;
    },
  };
}

export async function closeSite(site: Site | undefined): Promise<void> {
  await site?.browser.close();
  await site?.proxy.close();
}

/** A run of its project, told of by an agent of the test's. */
export async function startRunOn(site: Site, task: string): Promise<ExternalRun> {
  const agent = await agentKey(site.shiplog.url, site.owner, site.project.id);
  return startExternalRun(agent, site.project.id, task);
}

/** Where GitHub would post what happens in the project. */
export async function addGitHub(site: Site): Promise<WebhookTarget> {
  const { createIntegration } = await site.owner.graphql<{
    createIntegration: { integration: { webhookUrl: string }; secret: string };
  }>(
    `mutation($input: CreateIntegrationInput!) {
      createIntegration(input: $input) { ... on CreateIntegrationPayload { secret integration { webhookUrl } } }
    }`,
    { input: { projectId: site.project.id, provider: "GITHUB", name: "GitHub" } },
  );
  return { webhookUrl: createIntegration.integration.webhookUrl, secret: createIntegration.secret };
}
