import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, realpath, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAgentRuntime } from "@shiplog/agents";
import { startAgentExecution } from "@shiplog/core/agent";
import { readEvents } from "@shiplog/core/live";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { expect, it } from "vitest";
import { seedProject, until } from "./fixtures/agents.ts";
import { startWorker } from "./start.ts";

const database = await testDatabase();

async function repository(): Promise<string> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "shiplog-analyze-")));
  await mkdir(join(path, "src"));
  await writeFile(join(path, "package.json"), JSON.stringify({ name: "tiny", version: "1.0.0" }));
  await writeFile(join(path, "src/index.ts"), "export const one = 1;\n".repeat(40));
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", path, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", ...args]);
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "First");
  return path;
}

it("runs analyze from the job to its result, through the real tool servers", {
  timeout: 60_000,
}, async () => {
  const agents = createAgentRuntime({ databaseUrl: database.url, denyPaths: [] });
  const ctx = await makeContext(database, { agentTypes: [...agents.definitions.values()] });
  const { projectId, actor } = await seedProject(ctx);
  const path = await repository();
  await ctx.db.projectWorkspace.create({ data: { projectId, path, createdAt: ctx.clock.now() } });
  const worker = await startWorker({ ctx, connectionString: database.url, agents, providers: new Map() });
  try {
    const { id } = await startAgentExecution(ctx, actor, { projectId, agentType: "analyze" });
    const done = await until(async () => {
      const row = await ctx.db.agentExecution.findUniqueOrThrow({ where: { id }, include: { steps: true } });
      return row.completedAt ? row : null;
    }, 50_000);
    expect(done).toMatchObject({ status: "completed", errorMessage: null, attempt: 1 });
    expect(done.outputData).toMatchObject({ markdown: expect.stringContaining("TypeScript") });
    expect(done.toolCalls).toBeGreaterThan(3);
    const events = await readEvents(ctx.db, id, 0, 10_000);
    const count = (type: string) => events.filter((event) => event.type === type).length;
    expect(count("AgentToolCallStarted")).toBe(done.toolCalls);
    expect(count("AgentToolCallFinished")).toBe(done.toolCalls);
    expect(events.at(-1)).toMatchObject({ type: "AgentStatusChanged", data: { status: "completed" } });
  } finally {
    await worker.stop();
  }
});
