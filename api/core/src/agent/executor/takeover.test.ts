import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { describe, expect, it } from "vitest";
import type { AgentStepIO } from "../../ports.ts";
import { agentOf, brief, runtimeOf, seedProject, streamOf, until } from "../fixtures/runs.ts";
import {
  cancelAgentExecution,
  runAgentExecution,
  startAgentExecution,
  sweepAgentExecutions,
} from "../index.ts";

const database = await testDatabase();
const SHORT = { leaseMs: 200, leaseRenewMs: 50 };
const never = new AbortController().signal;

/** A run whose middle step does what the test says at each entry. */
async function setup(middle: ((io: AgentStepIO) => Promise<unknown>)[], settings = {}) {
  let entries = 0;
  const ran: string[] = [];
  const agent = agentOf("three", [
    { name: "one", run: async () => String(ran.push("one")) },
    { name: "two", run: async (io) => ((await middle[entries++]?.(io)) ?? "2") as string },
    { name: "three", run: async (io) => [io.outputs.one ?? null, io.outputs.two ?? null] },
  ]);
  const ctx = await makeContext(database, {
    agentTypes: [agent],
    settings: { leaseMs: 10_000, leaseRenewMs: 2_000, ...settings },
  });
  const agents = runtimeOf([agent], () => new Promise(() => {}));
  const { projectId, actor } = await seedProject(ctx);
  const { id } = await startAgentExecution(ctx, actor, { projectId, agentType: "three" });
  const run = (worker: string, from = ctx) => runAgentExecution(from, agents, { id, worker, signal: never });
  const read = () => ctx.db.agentExecution.findUniqueOrThrow({ where: { id }, include: { steps: true } });
  return { ctx, actor, id, run, read, ran, entered: (n: number) => until(async () => entries >= n) };
}

describe("takeover", () => {
  it("goes on after the last committed step; the stale worker commits nothing", async () => {
    const hold = Promise.withResolvers<unknown>();
    let stale: unknown;
    const { ctx, id, run, read, ran, entered } = await setup(
      [
        async (io) => {
          void io.tool("x", "y", null).catch(() => {});
          await hold.promise;
          await io.message("assistant", "I am back").catch((error) => {
            stale = error;
          });
          return "stale";
        },
        async () => "fresh",
      ],
      SHORT,
    );
    // A worker that cannot renew: its lease runs out under it, as when it is stopped or cut off.
    const frozen = { ...ctx, settings: { ...ctx.settings, leaseRenewMs: 60_000 } };
    const first = run("w1", { ...frozen, bus: { ...ctx.bus, onWake: () => () => {} } });
    await entered(1);
    await until(async () => ((await sweepAgentExecutions(ctx)).requeued > 0 ? true : null));
    expect(await run("w2")).toBe("completed");
    hold.resolve(null);
    expect(await first).toBe("lost");
    expect(stale).toMatchObject({ reason: "lost" });
    const row = await read();
    expect(row).toMatchObject({ status: "completed", attempt: 2 });
    expect(row.outputData).toMatchObject({ two: "fresh", three: ["1", "fresh"] });
    expect(row.steps.map(({ name, fence }) => `${name} ${fence}`)).toEqual(["one 1", "two 2", "three 2"]);
    expect(ran).toEqual(["one"]);
    expect(brief(await streamOf(ctx, id), "status", "attempt", "ok", "result")).toEqual([
      "AgentStatusChanged pending 0",
      "AgentStatusChanged running 1",
      "AgentToolCallStarted",
      "AgentToolCallFinished false interrupted",
      "AgentStatusChanged running 2",
      "AgentStatusChanged completed 2",
    ]);
  });

  it("does not blame the run when the database fails a read of its own", async () => {
    const { ctx, run, read } = await setup([], SHORT);
    const silent = { ...ctx, log: { ...ctx.log, error: () => {} } };
    await ctx.db.$executeRaw`ALTER TABLE agent_step RENAME TO agent_step_away`;
    expect(await run("w1", silent)).toBe("lost");
    await ctx.db.$executeRaw`ALTER TABLE agent_step_away RENAME TO agent_step`;
    expect(await read()).toMatchObject({ status: "running", errorMessage: null });
    await until(async () => (await run("w2")) === "completed");
    expect(await read()).toMatchObject({ status: "completed", attempt: 2 });
  });

  it("gives one claim to one of many workers", async () => {
    const { run, read } = await setup([async () => "2"]);
    const outcomes = await Promise.all(Array.from({ length: 6 }, (_, index) => run(`w${index}`)));
    expect(outcomes.toSorted()).toEqual(["completed", ...Array(5).fill("not_claimed")]);
    expect((await read()).attempt).toBe(1);
  });

  it("renews its lease for as long as it works", async () => {
    const { ctx, run, read, entered } = await setup(
      [
        async () => {
          const began = Date.now();
          await until(async () => Date.now() - began > 3_000);
          return "2";
        },
      ],
      { leaseMs: 2_000, leaseRenewMs: 300 },
    );
    const done = run("w1");
    await entered(1);
    const sweeps = until(async () => {
      expect(await sweepAgentExecutions(ctx)).toMatchObject({ requeued: 0 });
      return (await read()).status === "completed";
    });
    expect(await done).toBe("completed");
    await sweeps;
  });

  it("cancels a run whose worker is dead at once", async () => {
    const { ctx, actor, id, run, read, entered } = await setup([() => new Promise(() => {})], {
      ...SHORT,
      leaseRenewMs: 60_000,
    });
    void run("w1", { ...ctx, bus: { ...ctx.bus, onWake: () => () => {} } });
    await entered(1);
    await until(async () => ((await read()).leaseUntil ?? new Date()) < new Date(Date.now() - 50));
    expect(await cancelAgentExecution(ctx, actor, { id })).toMatchObject({ status: "cancelled" });
  });

  it("keeps the budget over all attempts", async () => {
    const { ctx, id, run, read } = await setup([
      async (io) => {
        for (;;) await io.usage("claude-sonnet-4-5", { ...NOTHING, outputTokens: 1_000n });
      },
    ]);
    await ctx.db.agentExecution.update({ where: { id }, data: { budget: { maxCostNanos: 40_000_000 } } });
    expect(await run("w1")).toBe("failed");
    expect(await read()).toMatchObject({
      status: "failed",
      errorMessage: "The run used up its budget (dollars: 0.04).",
      costNanos: 45_000_000n,
    });
  });

  it("stops at the wall time and at the tool calls", async () => {
    for (const [budget, message] of [
      [{ maxWallMs: 100 }, "seconds: 0.1"],
      [{ maxToolCalls: 0 }, "tool calls: 0"],
      [{ maxSteps: 1 }, "steps: 1"],
    ] as const) {
      const { ctx, id, run, read } = await setup([(io) => io.tool("x", "y", null)]);
      await ctx.db.agentExecution.update({ where: { id }, data: { budget } });
      expect(await run("w1")).toBe("failed");
      expect((await read()).errorMessage).toBe(`The run used up its budget (${message}).`);
    }
  });

  it("gives up on a run that costs one worker after the other", async () => {
    const { ctx, id, read } = await setup([]);
    await ctx.db.agentExecution.update({
      where: { id },
      data: { status: "running", attempt: 20, leaseUntil: new Date(0) },
    });
    await sweepAgentExecutions(ctx);
    expect(await read()).toMatchObject({ status: "failed", errorMessage: "lost 20 workers in a row" });
  });

  it("finds a pending run whose job was lost", async () => {
    const { ctx, id, read } = await setup([]);
    await ctx.db.$executeRaw`DELETE FROM graphile_worker._private_jobs`;
    await ctx.db.agentExecution.update({ where: { id }, data: { createdAt: new Date(Date.now() - 60_000) } });
    await sweepAgentExecutions(ctx);
    const jobs = await ctx.db.$queryRaw`SELECT key FROM graphile_worker.jobs`;
    expect(jobs).toContainEqual({ key: `run_agent:${id}:0` });
    expect((await sweepAgentExecutions(ctx)).requeued).toBe(0);
    expect((await read()).status).toBe("pending");
  });
});

const NOTHING = {
  inputTokens: 0n,
  cacheReadTokens: 0n,
  cacheWrite5mTokens: 0n,
  cacheWrite1hTokens: 0n,
  outputTokens: 0n,
  reasoningTokens: 0n,
};
