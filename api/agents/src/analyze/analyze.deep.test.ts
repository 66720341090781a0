import { testDatabase } from "@shiplog/testkit/database";
import { Client } from "pg";
import { afterAll, expect, it } from "vitest";
import { generateRepository } from "../fixtures/generate.ts";
import { play } from "../fixtures/play.ts";
import { seedProject, seedRecords } from "../fixtures/records.ts";
import { createAgentRuntime } from "../runtime.ts";
import { analyze } from "./definition.ts";

const database = await testDatabase();
const client = new Client({ connectionString: database.url });
client.on("error", () => undefined);
await client.connect();
afterAll(() => client.end());

it("analyses a repository of 10,000 files within a minute, every file counted", async () => {
  const projectId = await seedProject(client, "big");
  await seedRecords(client, projectId, "big");
  const { folder, files, hotFile } = generateRepository(10_000, 40);
  const runtime = createAgentRuntime({ databaseUrl: database.url, denyPaths: [] });
  const start = performance.now();
  const { result, events } = await play(runtime, analyze, { projectId, workspacePath: folder });
  const seconds = (performance.now() - start) / 1_000;

  expect(result).toMatchObject({
    totals: { files },
    cadence: { people: 3 },
    ci: { providers: ["GitHub Actions"] },
  });
  const { hotSpots, markdown } = result as unknown as { hotSpots: { path: string }[]; markdown: string };
  expect(hotSpots).toHaveLength(10);
  expect(hotSpots[0]?.path).toBe(hotFile);
  expect(markdown.length).toBeGreaterThan(1_000);
  expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(256 * 1024);
  expect(events.filter((event) => event.type === "tool").length).toBeLessThan(30);
  expect(seconds).toBeLessThan(60);
});
