import { afterAll, beforeAll, describe } from "vitest";
import { cleanUp } from "../process.ts";
import { testNextPerson } from "./next_person.ts";
import { testPipelinePages } from "./pipeline_pages.ts";
import { testManyMessages } from "./run_log_messages.ts";
import { testPouringLog } from "./run_log_pour.ts";
import { addGitHub, closeSite, openSite, type Site, startRunOn } from "./site.ts";

let site: Site;

beforeAll(async () => {
  site = await openSite();
}, 60_000);

afterAll(async () => {
  await closeSite(site);
  await cleanUp();
});

describe("the dashboard in a browser, over longer ways", () => {
  testManyMessages(
    () => site,
    (task) => startRunOn(site, task),
  );
  testPouringLog(
    () => site,
    (task) => startRunOn(site, task),
  );
  testNextPerson(
    () => site,
    (task) => startRunOn(site, task),
  );
  testPipelinePages(
    () => site,
    () => addGitHub(site),
  );
});
