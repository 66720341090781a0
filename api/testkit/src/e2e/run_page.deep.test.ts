import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { ExternalRun } from "../external_run.ts";
import { cleanUp } from "../process.ts";
import { logOf } from "./run_log_page.ts";
import { closeSite, openSite, type Site, startRunOn } from "./site.ts";

const TIMEOUT = 60_000;

let site: Site;

beforeAll(async () => {
  site = await openSite();
}, TIMEOUT);

afterEach(() => site.proxy.heal());

afterAll(async () => {
  await closeSite(site);
  await cleanUp();
});

const startRun = (task: string) => startRunOn(site, task);
const say = (run: ExternalRun, text: string) => run.append([{ textDelta: { messageId: "m", text } }]);
const connection = (page: Page, phase: string) => page.locator(`[data-connection=${phase}]`);

/** What live regions say from now on. */
const listen = (page: Page) =>
  page.evaluateHandle(() => {
    const said: string[] = [];
    const tell = (node: Node) => {
      const region = (node instanceof Element ? node : node.parentElement)?.closest("[role=status]");
      if (region) said.push(region.textContent ?? "");
    };
    new MutationObserver((changes) => {
      for (const { target } of changes) tell(target);
    }).observe(document.body, { subtree: true, characterData: true, childList: true });
    return said;
  });

it(
  "says within seconds that a connection is dead, goes on, and reads neither seconds nor words out twice",
  async () => {
    const run = await startRun("Lose the network");
    const { page } = await site.signedIn();
    await page.goto(`${site.url}/runs/${run.id}`);
    await say(run, "before ");
    await expect.poll(() => logOf(page).textContent()).toContain("before");
    const said = await listen(page);
    site.proxy.blackhole();
    // As when somebody comes back to it.
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await connection(page, "reconnecting").waitFor({ timeout: 8_000 });
    await say(run, "meanwhile ");
    // The next one is opened into the dark.
    await page.getByText("Reconnecting…").waitFor();
    site.proxy.heal();
    await connection(page, "live").waitFor({ timeout: 20_000 });
    await expect.poll(() => logOf(page).textContent()).toContain("before meanwhile");
    await run.finish("FAILED");
    await page.getByText("Failed", { exact: true }).first().waitFor();
    const connections = (await said.jsonValue()).filter((one) => !one.startsWith("Run"));
    expect(connections.filter((one, nth) => one !== connections[nth - 1])).toEqual(["Reconnecting", "Live"]);
    expect((await said.jsonValue()).filter((one) => one.startsWith("Run"))).toEqual(["Run failed."]);
  },
  TIMEOUT,
);

it(
  "goes on from where it was when the server closes the socket as if all were said",
  async () => {
    const run = await startRun("Close the socket");
    const { page } = await site.signedIn();
    const positions: unknown[] = [];
    let close: (() => Promise<void>) | undefined;
    await page.routeWebSocket(/graphql/, (socket) => {
      const server = socket.connectToServer();
      close ??= () => socket.close({ code: 1000, reason: "idle" });
      socket.onMessage((message) => {
        const { type, payload } = JSON.parse(String(message));
        if (type === "subscribe") positions.push(payload.variables.after);
        server.send(message);
      });
    });
    await page.goto(`${site.url}/runs/${run.id}`);
    await say(run, "one ");
    await expect.poll(() => logOf(page).textContent()).toContain("one");
    expect(positions).toEqual([undefined]);
    await close?.();
    await say(run, "two ");
    await expect.poll(() => logOf(page).textContent()).toContain("one two ");
    expect(positions).toEqual([undefined, expect.any(String)]);
    await run.finish();
  },
  TIMEOUT,
);

it(
  "shows the result of a run that ended between its answer and its first event",
  async () => {
    const run = await startRun("End before it is heard");
    const { page } = await site.signedIn();
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    await page.routeWebSocket(/graphql/, (socket) => {
      const early: (string | Buffer)[] = [];
      socket.onMessage((message) => early.push(message));
      void opened.then(() => {
        const server = socket.connectToServer();
        for (const message of early) server.send(message);
        socket.onMessage((message) => server.send(message));
      });
    });
    await page.goto(`${site.url}/runs/${run.id}`);
    await page.getByText("Running", { exact: true }).first().waitFor();
    await run.finish("COMPLETED", { report: "# All done" });
    open();
    await page.getByText("Completed", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: "Result", exact: true }).click();
    await page.getByRole("region", { name: "Result" }).getByRole("heading", { name: "All done" }).waitFor();
  },
  TIMEOUT,
);

it(
  "says that there is no log when all of it was pruned",
  async () => {
    const run = await startRun("Long ago");
    await run.finish("COMPLETED", null);
    const { page } = await site.signedIn();
    // What the protocol has for a stream that expired: an empty batch, then its end.
    await page.routeWebSocket(/graphql/, (socket) => {
      const tell = (message: object) => socket.send(JSON.stringify(message));
      socket.onMessage((message) => {
        const { type, id } = JSON.parse(String(message));
        if (type === "connection_init") tell({ type: "connection_ack" });
        if (type !== "subscribe") return;
        const batch = { cursor: "c", caughtUp: true, reset: false, events: [] };
        tell({ type: "next", id, payload: { data: { agentExecutionEvents: batch } } });
        tell({ type: "complete", id });
      });
    });
    await page.goto(`${site.url}/runs/${run.id}?view=log`);
    await page.getByText("This run wrote nothing.").waitFor();
  },
  TIMEOUT,
);

it(
  "renders and marks what a run that ended left open",
  async () => {
    const run = await startRun("Fail in the last line");
    await say(run, "# Report\n\n**bold**\n");
    await run.append([{ textDelta: { messageId: "n", text: "ERROR the disk is full\n" } }]);
    await run.finish("FAILED");
    const { page } = await site.signedIn();
    await page.goto(`${site.url}/runs/${run.id}?view=log`);
    await logOf(page).getByRole("heading", { name: "Report" }).waitFor();
    await logOf(page).locator("[data-error]", { hasText: "the disk is full" }).waitFor();
  },
  TIMEOUT,
);

it(
  "keeps the focus in a log that begins to pour, and shows what is selected where colours are the system's",
  async () => {
    const run = await startRun("Pour over what has the focus");
    await run.append(
      Array.from({ length: 100 }, (_, nth) => ({
        message: { messageId: `m${nth}`, role: "assistant", text: `line ${nth}` },
      })),
    );
    await run.append([{ toolCallStarted: { callId: "c", tool: "shell", arguments: { command: "make" } } }]);
    const { page } = await site.signedIn();
    await page.goto(`${site.url}/runs/${run.id}`);
    await logOf(page).getByRole("button", { name: /shell/ }).focus();
    let nth = 100;
    await expect
      .poll(
        async () => {
          const texts = Array.from({ length: 20 }, () => ({
            message: { messageId: `m${nth}`, role: "assistant", text: `line ${nth++}` },
          }));
          await run.append(texts);
          return logOf(page).getByRole("button", { name: /shell/ }).count();
        },
        { interval: 100 },
      )
      .toBe(0);
    await expect.poll(() => logOf(page).evaluate((log) => log === document.activeElement)).toBe(true);

    await run.finish();
    await page.emulateMedia({ forcedColors: "active" });
    const edge = (name: string) =>
      page
        .getByRole("region", { name: "Stream" })
        .getByRole("button", { name, exact: true })
        .evaluate((tab) => getComputedStyle(tab).borderBottomColor);
    const [selected, other] = [await edge("Log"), await edge("Result")];
    expect(other).toBe(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
    expect(selected).not.toBe(other);
  },
  TIMEOUT,
);

it(
  "keeps its socket however often somebody goes back and forth to an overview of much that runs",
  async () => {
    const runs = await Promise.all(Array.from({ length: 10 }, (_, nth) => startRun(`Go on ${nth}`)));
    for (let nth = 0; nth < 15; nth++)
      await site.owner.graphql(
        "mutation($input: CreateProjectInput!) { createProject(input: $input) { __typename } }",
        { input: { name: `Project ${nth}`, slug: `project-${nth}` } },
      );
    const { page } = await site.signedIn();
    let [sockets, closed, sent] = [0, 0, 0];
    page.on("websocket", (socket) => {
      sockets += 1;
      socket.on("close", () => (closed += 1));
      socket.on("framesent", () => (sent += 1));
    });
    await page.goto(site.url);
    await expect.poll(() => sent).toBeGreaterThan(26);
    for (let visit = 0; visit < 4; visit++) {
      await page.getByRole("link", { name: /Go on 3/ }).click();
      await page.waitForURL(/\/runs\//);
      await page.goBack();
      await page.getByRole("link", { name: /Go on 3/ }).waitFor();
    }
    // What the server takes within 10 s; after four visits it would be twice as much.
    expect(sent).toBeLessThan(120);
    expect([sockets, closed]).toEqual([1, 0]);
    await Promise.all(runs.map((run) => run.finish()));
  },
  TIMEOUT,
);

it(
  "takes a batch of which a field failed for what it is, and goes on behind it",
  async () => {
    const run = await startRun("Lose a field");
    const { page } = await site.signedIn();
    let subscriptions = 0;
    await page.routeWebSocket(/graphql/, (socket) => {
      const tell = (message: object) => socket.send(JSON.stringify(message));
      socket.onMessage((message) => {
        const { type, id } = JSON.parse(String(message));
        if (type === "connection_init") tell({ type: "connection_ack" });
        if (type !== "subscribe") return;
        subscriptions += 1;
        const event = { __typename: "AgentTextDelta", seq: 1, at: new Date(0).toISOString(), messageId: "m" };
        const batch = {
          cursor: "c",
          caughtUp: true,
          reset: false,
          events: [{ ...event, text: "still here" }],
        };
        const failed = [
          { message: "Unexpected error.", path: ["agentExecutionEvents", "events", 0, "cost"] },
        ];
        tell({ type: "next", id, payload: { data: { agentExecutionEvents: batch }, errors: failed } });
      });
    });
    await page.goto(`${site.url}/runs/${run.id}`);
    await logOf(page).getByText("still here").waitFor();
    await connection(page, "live").waitFor();
    expect(subscriptions).toBe(1);
    await run.finish();
  },
  TIMEOUT,
);
