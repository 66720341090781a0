import { expect, it } from "vitest";
import type { ExternalRun } from "../external_run.ts";
import { inView, line, logOf, readAll, type StartRun, showsEnd, TIMEOUT, topOf } from "./run_log_page.ts";
import type { Site } from "./site.ts";

/** Each line a message of its own, 500 a call. */
async function writeMessages(run: ExternalRun, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += 500) {
    const lines = Array.from({ length: Math.min(500, to - start) }, (_, nth) => start + nth);
    await run.append(
      lines.map((nth) => ({ message: { messageId: `m${nth}`, role: "assistant", text: line(nth) } })),
    );
  }
}

/** Lines of two messages that stream at a time, 20 of each in turn. */
async function writeBoth(run: ExternalRun, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += 20) {
    const part = (id: string) =>
      Array.from({ length: 20 }, (_, nth) => `${id} ${line(start + nth)}\n`).join("");
    await run.append([
      { textDelta: { messageId: "a", text: part("A") } },
      { textDelta: { messageId: "b", text: part("B") } },
    ]);
  }
}

/** A log of so many messages that the page packs those that nobody looks at. */
export function testManyMessages(site: () => Site, startRun: StartRun): void {
  it(
    "keeps what is read where it is while thousands of messages come, and has all of them",
    async () => {
      const run = await startRun("Say each line by itself");
      await writeMessages(run, 0, 1_000);
      const { page } = await site().signedIn();
      await page.goto(`${site().url}/runs/${run.id}`);
      await showsEnd(page, 999);
      await page.keyboard.press("f");
      await logOf(page).getByText(line(998)).click({ clickCount: 3 });
      const selected = () => page.evaluate(() => String(getSelection()).trim());
      expect(await selected()).toBe(line(998));
      const before = await logOf(page).getByText(line(998)).boundingBox();
      await writeMessages(run, 1_000, 4_000);
      await page.getByRole("button", { name: "Jump to live (3,000 new)" }).waitFor();
      expect(await selected()).toBe(line(998));
      expect((await logOf(page).getByText(line(998)).boundingBox())?.y).toBeCloseTo(before?.y ?? 0, 0);

      await page.keyboard.press("/");
      await page.keyboard.type(line(1_234));
      const current = logOf(page).locator("mark[data-current]");
      await expect.poll(() => inView(logOf(page), current)).toBe(true);
      await page.keyboard.press("Escape");
      expect(await readAll(logOf(page))).toEqual(Array.from({ length: 4_000 }, (_, nth) => nth));

      // By its address, and from there to its neighbour.
      await page.goto(`${site().url}/runs/${run.id}?item=message:m2000`);
      const shown = (nth: number) => inView(logOf(page), logOf(page).getByText(line(nth)));
      await expect.poll(() => shown(2_000)).toBe(true);
      await page.keyboard.press("j");
      await expect.poll(() => page.url()).toContain("m2001");
    },
    TIMEOUT,
  );

  it(
    "holds a reader's place while what stands above it grows, as when two agents write at a time",
    async () => {
      const run = await startRun("Two at a time");
      await writeBoth(run, 0, 400);
      const { page } = await site().signedIn();
      await page.goto(`${site().url}/runs/${run.id}`);
      await page
        .getByText(`B ${line(399)}`)
        .first()
        .waitFor();
      await logOf(page).hover();
      await page.mouse.wheel(0, -1_500);
      await page.getByRole("button", { name: /Jump to live/ }).waitFor();
      const read = `B ${line(340)}`;
      await expect.poll(() => topOf(page, read)).toBeGreaterThan(100);
      const before = await topOf(page, read);
      for (let from = 400; from < 1_000; from += 200) {
        await writeBoth(run, from, from + 200);
        await expect
          .poll(() => page.getByRole("button", { name: /Jump to live/ }).textContent())
          .toMatch(/new/);
      }
      await expect.poll(() => topOf(page, read)).toBeCloseTo(before, 0);
      await page.getByRole("button", { name: /Jump to live/ }).click();
      await showsEnd(page, 999);
    },
    TIMEOUT,
  );
}
