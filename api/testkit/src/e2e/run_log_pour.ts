import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { ExternalRun } from "../external_run.ts";
import { line, logOf, type StartRun, showsEnd, showsEveryLine, TIMEOUT, writeLines } from "./run_log_page.ts";
import type { Site } from "./site.ts";

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

/** A log that grows faster than anybody reads, in a browser. */
export function testPouringLog(site: () => Site, startRun: StartRun): void {
  it(
    "draws what pours beside the page, and a reader who stops reads on where he was",
    async () => {
      const run = await startRun("Pour");
      await writeLines(run, 0, 1_000);
      const { page } = await site().signedIn();
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
    },
    TIMEOUT,
  );

  it(
    "draws what pours itself where the worker cannot be had",
    async () => {
      const run = await startRun("Pour without a worker");
      const { page } = await site().signedIn();
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
    },
    TIMEOUT,
  );
}
