import { fileURLToPath } from "node:url";
import type { Json } from "@shiplog/core";
import { testDatabase } from "@shiplog/testkit/database";
import { Client } from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { commit, repository, tempFolder, writeTree } from "../fixtures/folders.ts";
import { generateRepository } from "../fixtures/generate.ts";
import { play } from "../fixtures/play.ts";
import { seedProject, seedRecords } from "../fixtures/records.ts";
import { ToolCallError } from "../mcp/errors.ts";
import { createAgentRuntime } from "../runtime.ts";
import { analyze } from "./definition.ts";

const CHECKOUT = fileURLToPath(new URL("../../../..", import.meta.url)).replace(/\/$/u, "");
const database = await testDatabase();
const client = new Client({ connectionString: database.url });
client.on("error", () => undefined);
await client.connect();
afterAll(() => client.end());
const seeded = await seedProject(client, "seeded");
await seedRecords(client, seeded, "seeded");
const empty = await seedProject(client, "empty");

const data = tempFolder();
const runtime = createAgentRuntime({ databaseUrl: database.url, denyPaths: [data] });

interface Result {
  languages: { name: string }[];
  hotSpots: { path: string; score: number }[];
  tests: { ratio: number | null } | null;
  cadence: { people: number } | null;
  dependencies: { count: number } | null;
  ci: { providers: string[] } | null;
  pipelines: { summary: { name: string }[] } | null;
  aiActivity: { total: { costNanos: string | null } } | null;
  insights: { rule: string; evidence: Json[] }[];
  markdown: string;
}

async function run(workspacePath: string | null, projectId = empty) {
  const performance = await play(runtime, analyze, { projectId, workspacePath });
  const result = performance.result as unknown as Result;
  for (const insight of result.insights) expect(insight.evidence.length).toBeGreaterThan(0);
  expect(result.markdown).not.toMatch(/undefined|NaN|\[object/u);
  return { ...performance, result, rules: result.insights.map((insight) => insight.rule) };
}

describe("analyze", () => {
  it("reads this checkout", async () => {
    const { result, events } = await run(CHECKOUT, seeded);
    expect(result.languages[0]?.name).toBe("TypeScript");
    expect(result.tests?.ratio).toBeGreaterThan(0);
    expect(result.dependencies?.count).toBeGreaterThan(20);
    expect(result.ci?.providers).toContain("GitHub Actions");
    expect(result.pipelines?.summary).toMatchObject([{ name: "seeded-ci" }]);
    expect(result.aiActivity?.total.costNanos).toBe("2500000000");
    expect(events.filter((event) => event.type === "tool").every((event) => event.ok)).toBe(true);
  });

  it("streams its report in paragraphs that make up the final message", async () => {
    const { events, result } = await run(tempFolder());
    const deltas = events.filter((event) => event.type === "delta");
    const finished = events.filter((event) => event.type === "finished");
    expect(deltas.length).toBeGreaterThan(2);
    expect(deltas.map((event) => event.text).join("")).toBe(result.markdown);
    expect(finished).toEqual([{ type: "finished", messageId: deltas[0]?.messageId, text: result.markdown }]);
    const order = events.map((event) => event.type);
    expect(order.indexOf("tool")).toBeLessThan(order.indexOf("message"));
  });

  it("has something to say of an empty folder", async () => {
    const { result, rules } = await run(tempFolder());
    expect(rules).toEqual(
      expect.arrayContaining(["empty_folder", "no_history", "no_pipelines", "no_ai_activity"]),
    );
    expect(rules).not.toContain("no_tests");
    expect(result).toMatchObject({ languages: [], hotSpots: [], cadence: null, tests: { ratio: null } });
    expect(result.markdown).toContain("the folder is not a git repository");
  });

  it("has something to say of an empty repository", async () => {
    const { result, rules } = await run(repository());
    expect(rules).toEqual(expect.arrayContaining(["empty_folder", "no_history"]));
    expect(result.markdown).toContain("the repository has no commits");
  });

  it("reads a folder that is no repository", async () => {
    const folder = writeTree(tempFolder(), {
      "package.json": '{"dependencies":{"a":"^1"}}',
      ...Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`src/${i}.js`, "x\n"])),
    });
    const { rules } = await run(folder);
    expect(rules).toEqual(
      expect.arrayContaining([
        "no_tests",
        "missing_ci",
        "missing_lock_file",
        "missing_documents",
        "no_history",
      ]),
    );
  });

  it("goes by the records alone without a folder", async () => {
    const { result, rules } = await run(null, seeded);
    expect(rules).toContain("unreadable_folder");
    expect(result.pipelines?.summary).toHaveLength(1);
    expect(result).toMatchObject({ tests: null, cadence: null, dependencies: null, ci: null });
  });

  it("reads 300 files of a lively repository and finds the hot one", async () => {
    const { folder, files, hotFile } = generateRepository(300, 12);
    const { result, rules } = await run(folder);
    expect(result).toMatchObject({ totals: { files }, cadence: { people: 3 } });
    expect(result.hotSpots[0]).toMatchObject({ path: hotFile, score: 100, commits: 13, authors: 3 });
    expect(rules).toEqual(
      expect.arrayContaining(["untested_hot_spot", "change_magnet", "missing_lock_file", "movable_actions"]),
    );
  });

  it("shows no secret of the folder, wherever it stands", async () => {
    const canary = "canary-5d1f0b";
    const folder = repository();
    const secret = { ".env": canary, "deploy.key": canary, "credentials.json": canary, ".npmrc": canary };
    commit(folder, "one", { "src/a.ts": "1\n", ...secret });
    writeTree(folder, { ".git/config": `[core]\n\trepositoryformatversion = 0\n# ${canary}\n` });
    expect(JSON.stringify(await run(folder))).not.toContain(canary);
  });

  it("goes on from the committed steps", async () => {
    const folder = repository();
    commit(folder, "one", { "src/a.ts": "1\n" });
    const whole = await run(folder);
    const tools = await runtime.openTools(
      { projectId: empty, workspacePath: null },
      new AbortController().signal,
    );
    const last = analyze.steps.at(-1);
    const { report: _report, ...outputs } = whole.outputs;
    const said: string[] = [];
    const report = await last?.run({
      signal: new AbortController().signal,
      input: {},
      outputs,
      now: () => new Date(0),
      tool: () => Promise.reject(new Error("no tool is called again")),
      message: async () => undefined,
      textDelta: async (_id, text) => void said.push(text),
      finishMessage: async () => undefined,
      usage: async () => undefined,
    });
    await tools.close();
    expect(report).toEqual(whole.outputs.report);
    expect(said.join("")).toBe(whole.result.markdown);
  });

  it("ends at once when it is cancelled, and lets the executor's errors through", async () => {
    const abort = new AbortController();
    const scope = { projectId: empty, workspacePath: CHECKOUT };
    const running = play(runtime, analyze, scope, { signal: abort.signal });
    abort.abort(new Error("cancelled by test"));
    await expect(running).rejects.toThrow("cancelled by test");

    const [first] = analyze.steps;
    const io = (error: Error) => ({
      signal: abort.signal,
      input: {},
      outputs: {},
      now: () => new Date(),
      tool: () => Promise.reject(error),
      message: async () => undefined,
      textDelta: async () => undefined,
      finishMessage: async () => undefined,
      usage: async () => undefined,
    });
    await expect(first?.run(io(new Error("budget spent")))).rejects.toThrow("budget spent");
    expect(await first?.run(io(new ToolCallError("filesystem", "x", "timed out")))).toMatchObject({
      available: false,
    });
  });
});
