import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import type { ExternalRun } from "../external_run.ts";

export const TIMEOUT = 60_000;

export type StartRun = (task: string) => Promise<ExternalRun>;

export const line = (nth: number) => `line ${String(nth).padStart(5, "0")} of the log, worth reading`;

/** Lines as pieces of one text, 500 a call. */
export async function writeLines(
  run: ExternalRun,
  from: number,
  to: number,
  special: Record<number, string> = {},
) {
  for (let start = from; start < to; start += 500) {
    const lines = Array.from({ length: Math.min(500, to - start) }, (_, nth) => start + nth);
    await run.append(
      lines.map((nth) => ({ textDelta: { messageId: "m", text: `${line(nth)}${special[nth] ?? ""}\n` } })),
    );
  }
}

export const logOf = (page: Page) => page.getByRole("region", { name: "Log of the run" });

/** Pixels between the end of the log and what is shown. */
const fromEnd = (log: Locator) =>
  log.evaluate((element) => Math.abs(element.scrollHeight - element.clientHeight - element.scrollTop));

export async function showsEnd(page: Page, nth: number): Promise<void> {
  await page.getByText(line(nth)).last().waitFor();
  await expect.poll(() => fromEnd(logOf(page))).toBeLessThan(3);
}

/** Each line that is shown follows the one before it, up to the last one, and they fill the window. */
export async function showsEveryLine(page: Page, nth: number): Promise<void> {
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

/** Whether the middle of the element lies within the window of the log. */
export async function inView(log: Locator, part: Locator): Promise<boolean> {
  const [outer, inner] = [await log.boundingBox(), await part.boundingBox()];
  if (!outer || !inner) return false;
  const middle = inner.y + inner.height / 2;
  return middle >= outer.y && middle <= outer.y + outer.height;
}

/** Reads the log from its beginning to its end as a person would, and gives the numbers of its lines. */
export const readAll = (log: Locator) =>
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

/** Where a line is on the screen, which may be one of many in an element; NaN: nowhere. */
export const topOf = (page: Page, text: string) =>
  logOf(page).evaluate((log, sought) => {
    const walker = document.createTreeWalker(log, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.nodeValue?.indexOf(sought) ?? -1;
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + sought.length);
      return range.getBoundingClientRect().top;
    }
    return Number.NaN;
  }, text);
