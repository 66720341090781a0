import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { ExternalRun } from "../external_run.ts";
import {
  inView,
  line,
  logOf,
  readAll,
  type StartRun,
  showsEnd,
  showsEveryLine,
  TIMEOUT,
  topOf,
  writeLines,
} from "./run_log_page.ts";
import type { Site } from "./site.ts";

/** Lines that come while the reader has let go of the end move nothing of what he sees. */
async function holdsPlace(
  page: Page,
  run: ExternalRun,
  lines: number,
  letGo: () => Promise<void>,
): Promise<void> {
  await letGo();
  await page.getByRole("button", { name: "Jump to live" }).waitFor();
  const row = logOf(page).locator("[data-row]").last();
  const index = await row.getAttribute("data-row");
  const held = logOf(page).locator(`[data-row="${index}"]`);
  const before = await held.boundingBox();
  await writeLines(run, lines, lines + 500);
  await page.getByRole("button", { name: /Jump to live \(\d+ new\)/ }).waitFor();
  expect((await held.boundingBox())?.y).toBeCloseTo(before?.y ?? 0, 0);
  await page.getByRole("button", { name: /Jump to live/ }).click();
  await showsEnd(page, lines + 499);
}

async function findsText(page: Page): Promise<void> {
  const current = logOf(page).locator("mark[data-current]");
  const status = page.getByRole("region", { name: "Stream" }).getByRole("status");
  await page.keyboard.press("/");
  await page.keyboard.type("NEEDLE");
  for (const [step, hit] of [
    ["", 1],
    ["Enter", 2],
    ["Enter", 3],
    ["Enter", 1],
    ["Shift+Enter", 3],
  ] as const) {
    if (step) await page.keyboard.press(step);
    await status.getByText(`${hit} of 3`, { exact: true }).waitFor();
    await expect.poll(() => inView(logOf(page), current)).toBe(true);
  }
  await page.keyboard.press("Escape");
  await expect.poll(() => logOf(page).locator("mark").count()).toBe(0);
}

/** The log of a run in a browser. */
export function testRunLog(site: () => Site, startRun: StartRun): void {
  it(
    "follows a long log, holds a place in it, finds text and errors, and has every line",
    async () => {
      const run = await startRun("Write a long log");
      await run.append([{ toolCallStarted: { callId: "c", tool: "shell", arguments: { command: "make" } } }]);
      await run.append([{ toolCallFinished: { callId: "c", ok: false, result: { error: "no rule" } } }]);
      await writeLines(run, 0, 3_000, { 40: " needle", 1700: " needle", 1701: " a Needle" });
      await run.append([{ textDelta: { messageId: "m", text: "ERROR the disk is full\n" } }]);
      const { page } = await site().signedIn();
      await page.goto(`${site().url}/runs/${run.id}`);
      await showsEnd(page, 2_999);
      await writeLines(run, 3_000, 3_500);
      await showsEnd(page, 3_499);
      await showsEveryLine(page, 3_499);
      await holdsPlace(page, run, 3_500, () => page.keyboard.press("f"));
      // Few lines more: the scroll bar does not know of them yet.
      await writeLines(run, 4_000, 4_100);
      await showsEnd(page, 4_099);
      await holdsPlace(page, run, 4_100, async () => {
        await logOf(page).locator("canvas").waitFor({ state: "detached" });
        const end = await topOf(page, line(4_099));
        await logOf(page).hover();
        await page.mouse.wheel(0, -200);
        await expect.poll(() => topOf(page, line(4_099))).toBeCloseTo(end + 200, 0);
      });
      await findsText(page);

      await page.getByRole("button", { name: "2 errors" }).click();
      await expect.poll(() => inView(logOf(page), logOf(page).getByText("no rule").first())).toBe(true);
      await page.keyboard.press("e");
      const told = logOf(page).locator("[data-error]", { hasText: "the disk is full" });
      await expect.poll(() => inView(logOf(page), told)).toBe(true);

      expect(await readAll(logOf(page))).toEqual(Array.from({ length: 4_600 }, (_, nth) => nth));
    },
    TIMEOUT,
  );

  it(
    "writes once per frame however many batches arrive in it",
    async () => {
      const run = await startRun("Say much at once");
      const { page } = await site().signedIn();
      let received = 0;
      page.on("websocket", (socket) => socket.on("framereceived", () => (received += 1)));
      const say = (text: string) => run.append([{ textDelta: { messageId: "m", text: `${text} ` } }]);
      await page.goto(`${site().url}/runs/${run.id}`);
      await say("begin");
      await page.getByText("begin").last().waitFor();
      const writes = await logOf(page).evaluateHandle((log) => {
        const times: (number | null)[] = [];
        // The clock of the document stands still within a frame.
        new MutationObserver(() => times.push(document.timeline.currentTime as number)).observe(log, {
          subtree: true,
          characterData: true,
        });
        return times;
      });
      const before = received;
      site().proxy.blackhole({ keep: true });
      for (let word = 0; word < 60; word++) await say(`word${word}`);
      await say("end");
      site().proxy.heal();
      await page.getByText("end").last().waitFor();
      const frames = await writes.jsonValue();
      expect(received - before).toBeGreaterThan(4);
      expect(frames.length).toBeGreaterThan(0);
      expect(frames).toEqual([...new Set(frames)]);
    },
    TIMEOUT,
  );

  it(
    "does nothing in a hidden tab, sleeps when it is frozen, catches up, and has one socket for all pages",
    async () => {
      const run = await startRun("Go on while nobody looks");
      const { page } = await site().signedIn();
      const received: string[] = [];
      const sent: string[] = [];
      let sockets = 0;
      page.on("websocket", (socket) => {
        sockets += 1;
        socket.on("framereceived", ({ payload }) => received.push(String(payload)));
        socket.on("framesent", ({ payload }) => sent.push(String(payload)));
      });
      const say = (text: string) => run.append([{ textDelta: { messageId: "m", text: `${text} ` } }]);
      const hide = (hidden: boolean) =>
        page.evaluate((now) => {
          Object.defineProperty(document, "hidden", { value: now, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }, hidden);
      const came = (text: string) => received.some((frame) => frame.includes(text));
      const text = async () => (await logOf(page).textContent()) ?? "";
      await page.goto(`${site().url}/p/harbor/runs`);
      await page.getByRole("link", { name: /Go on while nobody looks/ }).click();
      await say("seen");
      await expect.poll(text).toContain("seen");

      await hide(true);
      await say("hidden");
      await expect.poll(() => came("hidden")).toBe(true);
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      );
      expect(await text()).not.toContain("hidden");

      const before = sent.length;
      await page.evaluate(() => document.dispatchEvent(new Event("freeze")));
      await expect.poll(() => sent.slice(before).some((frame) => frame.includes('"complete"'))).toBe(true);
      await say("asleep");
      await hide(false);
      await expect.poll(text).toContain("seen hidden asleep");
      expect(received.filter((frame) => frame.includes("asleep"))).toHaveLength(1);

      await page.getByRole("link", { name: "Overview" }).first().click();
      await page.getByRole("heading", { name: "Overview" }).waitFor();
      await page.goBack();
      await expect.poll(text).toContain("seen hidden asleep");
      expect(sockets).toBe(1);
    },
    TIMEOUT,
  );
}
