import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { describe, expect, it } from "vitest";
import type { AgentDefinition } from "../../ports.ts";
import { agentOf, brief, type FakeTool, runtimeOf, seedProject, streamOf, until } from "../fixtures/runs.ts";
import { cancelAgentExecution, runAgentExecution, startAgentExecution } from "../index.ts";

const database = await testDatabase();

async function setup(agent: AgentDefinition, tool?: FakeTool, settings = {}) {
  const ctx = await makeContext(database, { agentTypes: [agent], settings });
  const agents = runtimeOf([agent], tool);
  const { projectId, actor } = await seedProject(ctx);
  const started = await startAgentExecution(ctx, actor, {
    projectId,
    agentType: agent.type,
    taskDescription: "Look",
  });
  const run = (worker = "w1", signal = new AbortController().signal) =>
    runAgentExecution(ctx, agents, { id: started.id, worker, signal });
  const read = () => ctx.db.agentExecution.findUniqueOrThrow({ where: { id: started.id } });
  return { ctx, agents, actor, projectId, id: started.id, run, read };
}

describe("runAgentExecution", () => {
  it("carries a run from start to completed", async () => {
    const agent = agentOf("twostep", [
      {
        name: "read",
        run: async (io) => {
          const found = await io.tool("fs", "list", { path: "." });
          await io.textDelta("m1", "Hel");
          await io.textDelta("m1", "lo");
          await io.finishMessage("m1", "assistant", "Hello");
          return found;
        },
      },
      { name: "sum", run: async (io) => ({ files: io.outputs.read ?? null }) },
    ]);
    const { ctx, agents, run, read, id, projectId } = await setup(agent, async () => ["a", "b"]);
    expect(await run()).toBe("completed");
    const events = await streamOf(ctx, id);
    expect(brief(events, "status", "tool", "ok", "text", "fromSeq", "attempt")).toEqual([
      "AgentStatusChanged pending 0",
      "AgentStatusChanged running 1",
      "AgentToolCallStarted fs/list",
      "AgentToolCallFinished true",
      "AgentTextDelta Hel",
      "AgentTextDelta lo",
      "AgentMessage Hello 5",
      "AgentStatusChanged completed 1",
    ]);
    const row = await read();
    expect(row).toMatchObject({ status: "completed", toolCalls: 1, attempt: 1, leaseOwner: null });
    expect(row.outputData).toEqual({ read: ["a", "b"], sum: { files: ["a", "b"] } });
    expect(agents.closed).toBe(1);
    expect(brief(await streamOf(ctx, projectId), "status", "title")).toEqual([
      "AgentExecutionChanged pending Look",
      "AgentExecutionChanged running Look",
      "AgentExecutionChanged completed Look",
    ]);
    expect(await run()).toBe("not_claimed");
  });

  it("fails with the step's message and keeps what was committed", async () => {
    const agent = agentOf("breaks", [
      { name: "one", run: async () => 1 },
      {
        name: "two",
        run: async () => {
          throw new Error("no such thing\u0000");
        },
      },
    ]);
    const { ctx, run, read, id } = await setup(agent);
    expect(await run()).toBe("failed");
    expect(await read()).toMatchObject({ status: "failed", errorMessage: "no such thing\uFFFD" });
    expect(await ctx.db.agentStep.count({ where: { executionId: id } })).toBe(1);
  });

  it("cancels a running step, closes its tools and ends the open call", async () => {
    let calling = false;
    const agent = agentOf("hangs", [{ name: "wait", run: (io) => io.tool("x", "forever", null) }]);
    const { ctx, agents, actor, run, read, id } = await setup(agent, () => {
      calling = true;
      return new Promise(() => {});
    });
    const done = run();
    await until(async () => calling);
    const asked = performance.now();
    const answer = await cancelAgentExecution(ctx, actor, { id });
    expect(answer).toMatchObject({ status: "running", cancelRequestedAt: expect.any(Date) });
    expect(await done).toBe("cancelled");
    expect(performance.now() - asked).toBeLessThan(2_000);
    expect(agents.closed).toBe(1);
    expect((await read()).status).toBe("cancelled");
    expect(brief(await streamOf(ctx, id), "status", "ok", "result").slice(2)).toEqual([
      "AgentToolCallStarted",
      "AgentToolCallFinished false interrupted",
      "AgentStatusChanged cancelled",
    ]);
  });

  it("hears of a cancel without a wake-up", async () => {
    let inside = false;
    const agent = agentOf("deaf", [
      {
        name: "wait",
        run: () => {
          inside = true;
          return new Promise(() => {});
        },
      },
    ]);
    const { ctx, actor, run, id } = await setup(agent);
    const done = run();
    await until(async () => inside);
    const elsewhere = await makeContext(database);
    const asked = performance.now();
    await cancelAgentExecution(elsewhere, actor, { id });
    expect(await done).toBe("cancelled");
    expect(performance.now() - asked).toBeLessThan(2_000);
    expect(ctx).not.toBe(elsewhere);
  });
});
