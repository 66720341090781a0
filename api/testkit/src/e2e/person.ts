import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Site } from "./site.ts";

/** What is wrong with a page by axe in both themes, and by its width on a narrow screen; empty when nothing is. */
export async function flaws(page: Page): Promise<string[]> {
  const at = new URL(page.url()).pathname;
  const found: string[] = [];
  const look = async (axe: AxeBuilder, theme: string) => {
    for (const one of (await axe.analyze()).violations)
      found.push(`${at} ${theme} ${one.id}: ${one.nodes.map((node) => node.html).join(" | ")}`);
  };
  await look(new AxeBuilder({ page }), "light");
  await page.emulateMedia({ colorScheme: "dark" });
  await look(new AxeBuilder({ page }).withRules(["color-contrast"]), "dark");
  await page.emulateMedia({ colorScheme: "light" });
  const size = page.viewportSize();
  await page.setViewportSize({ width: 400, height: 860 });
  const over = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (over > 0) found.push(`${at} is ${over} px wider than a screen of 400`);
  if (size) await page.setViewportSize(size);
  return found;
}

/** Opens a page of the site and waits until it has what it asked for. */
export async function open(site: Site, page: Page, path: string): Promise<void> {
  await page.goto(site.url + path);
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await expect
    .poll(() => page.locator("[aria-busy=true]").count(), { timeout: 15_000, message: `${path} stays busy` })
    .toBe(0);
}

/** A page of a browser that nobody is signed in to. */
export async function newBrowser(site: Site): Promise<Page> {
  const context = await site.browser.newContext({ viewport: { width: 1280, height: 900 } });
  return context.newPage();
}

export async function logIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
}

/** A new password on whatever page asks for one. */
export async function choosePassword(page: Page, label: string, password: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).fill(password);
  await page.getByLabel("The same once more").fill(password);
}

export async function signedInAs(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: `Account and theme: ${name}` }).waitFor();
}

/** The secret or link that a page shows once. */
export async function shownOnce(page: Page, pattern: RegExp): Promise<string> {
  return (await page.locator("pre").filter({ hasText: pattern }).first().textContent()) ?? "";
}
