import { launchBrowser } from "@shiplog/testkit/browser";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { serve } from "@shiplog/testkit/serve";
import { afterAll, expect, test } from "vitest";
import { createRestApp } from "../app.ts";

const database = await testDatabase();
const server = await serve(createRestApp(await makeContext(database)));
const browser = await launchBrowser();
afterAll(() => Promise.all([browser.close(), server.close()]));

test("the reference shows the operations and asks no other host for anything", async () => {
  const page = await browser.newPage();
  const foreign: string[] = [];
  const problems: string[] = [];
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(server.url))
      foreign.push(request.url());
  });
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  await page.goto(`${server.url}/api/docs`);
  await page.getByRole("heading", { name: "Sign in with e-mail and password" }).first().waitFor();
  await page.getByText("webhooks", { exact: true }).first().click();
  await page.getByText("Take a delivery").first().waitFor();
  expect({ foreign, problems }).toEqual({ foreign: [], problems: [] });
});
