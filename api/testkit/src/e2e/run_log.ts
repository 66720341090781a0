import type { Locator, Page } from "playwright-core";
import { expect, it } from "vitest";
import type { ExternalRun } from "../external_run.ts";
import type { Site } from "./site.ts";

const TIMEOUT = 60_000;

type StartRun = (task: string) => Promise<ExternalRun>;

const line = (nth: number) => `line ${String(nth).padStart(5, "0")} of the log, worth reading`;

/** Lines as pieces of one text, 500 a call. */
async function writeLines(run: ExternalRun, from: number, to: number, special: Record<number, string> = {}) {
  for (let start = from; start < to; start += 500) {
    const lines = Array.from({ length: Math.min(500, to - start) }, (_, nth) => start + nth);
    await run.append(
      lines.map((nth) => ({ textDelta: { messageId: "m", text: `${line(nth)}${special[nth] ?? ""}\n` } })),
    );
  }
}

const logOf = (page: Page) => page.getByRole("region", { name: "Log of the run" });

/** Pixels between the end of the log and what is shown. */
const fromEnd = (log: Locator) =>
  log.evaluate((element) => Math.abs(element.scrollHeight - element.clientHeight - element.scrollTop));

/** Whether the middle of the element lies within the window of the log. */
async function inView(log: Locator, part: Locator): Promise<boolean> {
  const [outer, inner] = [await log.boundingBox(), await part.boundingBox()];
  if (!outer || !inner) return false;
  const middle = inner.y + inner.height / 2;
  return middle >= outer.y && middle <= outer.y + outer.height;
}

/** Reads the log from its beginning to its end as a person would, and gives the numbers of its lines. */
const readAll = (log: Locator) =>
  log.evaluate(async (element) => {
    const seen = new Set<number>();
    const frame = () => new Promise(requestAnimationFrame);
    element.scrollTop = 0;
    for (let last = -1; element.scrollTop !== last; ) {
      await frame();
      await frame();
      for (const [, number] of (element.textContent ?? "").matchAll(/line (\d{5})/g))
        seen.add(Number(number));
      last = element.scrollTop;
      element.scrollTop += element.clientHeight * 0.8;
    }
    return [...seen].sort((a, b) => a - b);
  });

/** Where a line is on the screen: its text may be one of many in an element. */
const lineTop = (page: Page, nth: number) =>
  logOf(page).evaluate((log, text) => {
    const walker = document.createTreeWalker(log, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.nodeValue?.indexOf(text) ?? -1;
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + text.length);
      return range.getBoundingClientRect().top;
    }
    return Number.NaN;
  }, line(nth));

async function showsEnd(page: Page, nth: number): Promise<void> {
  await page.getByText(line(nth)).last().waitFor();
  await expect.poll(() => fromEnd(logOf(page))).toBeLessThan(3);
}

/** Each line that is shown follows the one before it, up to the last one, and they fill the window. */
async function showsEveryLine(page: Page, nth: number): Promise<void> {
  const shown = await logOf(page).evaluate((log) => {
    const { top } = log.getBoundingClientRect();
    const first = log.querySelector("[data-row]")?.getBoundingClientRect().top ?? Number.NaN;
    const numbers = [...(log.textContent ?? "").matchAll(/line (\d{5})/g)].map((found) => Number(found[1]));
    return { above: top - first, numbers };
  });
  expect(shown.above).toBeGreaterThanOrEqual(0);
  const from = nth - shown.numbers.length + 1;
  expect(shown.numbers).toEqual(shown.numbers.map((_, at) => from + at));
}

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

type Clip = NonNullable<NonNullable<Parameters<Page["screenshot"]>[0]>["clip"]>;

/** Differences of two pictures of the log, per pixel that is no background, where `b` stands `down` px lower. */
function differences(page: Page, [a, b]: readonly [Buffer, Buffer], down: number): Promise<number> {
  return page.evaluate(
    async ({ pictures, by }) => {
      const [one, other] = (await Promise.all(
        pictures.map(async (base64) => {
          const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
          const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
          const paper = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
          paper?.drawImage(bitmap, 0, 0);
          return paper?.getImageData(0, 0, bitmap.width, bitmap.height);
        }),
      )) as [ImageData, ImageData];
      let [ink, different] = [0, 0];
      for (let at = 0; at + by * one.width * 4 < one.data.length; at += 4) {
        const [here, there] = [one.data[at] ?? 0, other.data[at + by * one.width * 4] ?? 0];
        if (Math.abs(here - (one.data[0] ?? 0)) > 64) ink += 1;
        if (Math.abs(here - there) > 64) different += 1;
      }
      return different / ink;
    },
    { pictures: [a.toString("base64"), b.toString("base64")], by: down },
  );
}

const LONG = [
  "npm warn deprecated glob@7.2.3: versions before v9 are no longer supported, see https://example.com/a/b?c=d&e=f-g for what to do",
  "src/features/agent/log_canvas.ts(12,34): a line that is far too long for one-line-logs and is broken at its spaces and hyphens",
  `sha256:${"0123456789abcdef".repeat(12)}`,
  '{"level":"info","msg":"request done","path":"/api/v1/orders?page=2","ms":12.5,"trace_id":"0af7651916cd43dd8448eb211c80319c"}',
  "2026-11-29T11:22:33.444Z [worker-3] (pid 4711) \u201cquoted\u201d \u2013 caf\u00e9, na\u00efve, \u4e2d\u6587\u5b57\u7b26 and so on, until the \u{1f680}\u{1f680} end of this line comes, \u2714\ufe0f and of one more",
];

/** Long lines and short messages, as they come in real logs. */
async function writeMixed(run: ExternalRun, nth: number): Promise<void> {
  const text = LONG.map((one) => `${one}\n`).join("");
  await run.append([
    { textDelta: { messageId: "m", text } },
    ...LONG.map((one, at) => ({ message: { messageId: `m${nth}-${at}`, role: "assistant", text: one } })),
    { textDelta: { messageId: `n${nth}`, text } },
  ]);
}

/** The log without its margin, in which the mouse shows a scroll bar, and without the button at its end. */
async function clipOf(page: Page): Promise<Clip> {
  const frame = await logOf(page).boundingBox();
  if (!frame) throw new Error("there is no log");
  return { x: frame.x + 8, y: frame.y, width: frame.width - 40, height: frame.height - 64 };
}

/** Of what does not change any more. */
async function stillPicture(page: Page, clip: Clip): Promise<Buffer> {
  let [before, now] = [await page.screenshot({ clip }), await page.screenshot({ clip })];
  while (!before.equals(now)) [before, now] = [now, await page.screenshot({ clip })];
  return now;
}

/**
 * Pours lines and lets go of the end while a worker draws them: what the page shows then stands where it stood, `down`
 * px lower. Returns how many lines there are now.
 */
async function takesOver(
  { page, run, came }: { page: Page; run: ExternalRun; came: (text: string) => boolean },
  from: number,
  down: number,
  letGo: () => Promise<void>,
  meanwhile?: () => Promise<void>,
): Promise<number> {
  const canvas = logOf(page).locator("canvas");
  for (let lines = from; lines < from + 5_000; lines += 500) {
    await writeLines(run, lines, lines + 500);
    await writeMixed(run, lines);
    await expect.poll(() => came(`"n${lines}"`)).toBe(true);
    await meanwhile?.();
    const clip = await clipOf(page);
    const before = await stillPicture(page, clip);
    if (!(await canvas.isVisible())) continue;
    await letGo();
    await canvas.waitFor({ state: "detached" });
    await logOf(page).locator("[data-row]").last().waitFor();
    await expect
      .poll(async () => differences(page, [before, await page.screenshot({ clip })], down))
      .toBeLessThan(0.01);
    return lines + 500;
  }
  throw new Error("it never stood still while it poured");
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
      const { page, context, errors } = await site().signedIn();
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
        const end = await lineTop(page, 4_099);
        await logOf(page).hover();
        await page.mouse.wheel(0, -200);
        await expect.poll(() => lineTop(page, 4_099)).toBeCloseTo(end + 200, 0);
      });
      await findsText(page);

      await page.getByRole("button", { name: "2 errors" }).click();
      await expect.poll(() => inView(logOf(page), logOf(page).getByText("no rule").first())).toBe(true);
      await page.keyboard.press("e");
      const told = logOf(page).locator("[data-error]", { hasText: "the disk is full" });
      await expect.poll(() => inView(logOf(page), told)).toBe(true);

      expect(await readAll(logOf(page))).toEqual(Array.from({ length: 4_600 }, (_, nth) => nth));
      expect(errors).toEqual([]);
      await context.close();
    },
    TIMEOUT,
  );

  it(
    "draws what pours beside the page, and a reader who stops reads on where he was",
    async () => {
      const run = await startRun("Pour");
      await writeLines(run, 0, 1_000);
      const { page, context, errors } = await site().signedIn();
      const received: string[] = [];
      page.on("websocket", (socket) =>
        socket.on("framereceived", ({ payload }) => received.push(String(payload))),
      );
      const came = (text: string) => received.some((frame) => frame.includes(text));
      const pour = { page, run, came };
      await page.goto(`${site().url}/runs/${run.id}`);
      await showsEnd(page, 999);
      const wheel = async () => {
        await logOf(page).hover();
        await page.mouse.wheel(0, -110);
      };
      const follow = () => page.keyboard.press("f");
      let lines = await takesOver(pour, 1_000, 0, follow);
      await follow();
      lines = await takesOver(pour, lines, 110, wheel);
      await follow();
      lines = await takesOver(pour, lines, 0, follow, async () => {
        await page.setViewportSize({ width: 600, height: 800 });
        await page.emulateMedia({ colorScheme: "dark" });
      });
      await follow();
      // Nobody sees it pour, and then everybody does.
      await page.getByRole("button", { name: "Result" }).click();
      await writeLines(run, lines, lines + 500);
      await expect.poll(() => came(line(lines + 499))).toBe(true);
      await page.getByRole("button", { name: "Log", exact: true }).click();
      lines = await takesOver(pour, lines + 500, 0, follow);
      await follow();
      // What the worker does not draw as the page would, the page draws.
      const tabbed = (nth: number) => ({ messageId: "tabs", text: `${line(nth)}\tand a tab\n` });
      await run.append(Array.from({ length: 500 }, (_, nth) => ({ textDelta: tabbed(nth) })));
      await page
        .locator(".rushing")
        .getByText(`${line(499)}\tand a tab`)
        .waitFor();
      expect(errors).toEqual([]);
      await context.close();
    },
    TIMEOUT,
  );

  it(
    "draws what pours itself where the worker cannot be had",
    async () => {
      const run = await startRun("Pour without a worker");
      const { page, context } = await site().signedIn();
      let asked = 0;
      await page.route(/log_painter/, (route) => {
        asked += 1;
        return route.abort();
      });
      await page.goto(`${site().url}/runs/${run.id}`);
      await logOf(page).or(page.getByText("Waiting for the first event")).waitFor();
      await writeLines(run, 0, 1_500);
      await page.locator(".rushing").getByText(line(1_499)).waitFor();
      await writeLines(run, 1_500, 2_000);
      await page.locator(".rushing").getByText(line(1_999)).waitFor();
      await showsEveryLine(page, 1_999);
      expect(asked).toBe(1);
      await context.close();
    },
    TIMEOUT,
  );

  it(
    "writes once per frame however many batches arrive in it",
    async () => {
      const run = await startRun("Say much at once");
      const { page, context, errors } = await site().signedIn();
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
      expect(errors).toEqual([]);
      await context.close();
    },
    TIMEOUT,
  );

  it(
    "does nothing in a hidden tab, sleeps when it is frozen, catches up, and has one socket for all pages",
    async () => {
      const run = await startRun("Go on while nobody looks");
      const { page, context, errors } = await site().signedIn();
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
      expect(errors).toEqual([]);
      await context.close();
    },
    TIMEOUT,
  );
}
