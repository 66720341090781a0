import { correlate, correlationOf, currentCorrelation } from "@shiplog/core";
import { startAgentExecution } from "@shiplog/core/agent";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { afterEach, describe, expect, it } from "vitest";
import { gatedAgent, readStatus, runtimeOf, seedProject, until } from "./fixtures/agents.ts";
import { startWorker, type Worker } from "./start.ts";

const database = await testDatabase();
const workers: Worker[] = [];

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
});

async function setup() {
  const gate = gatedAgent("gated");
  const ctx = await makeContext(database, { agentTypes: [gate.agent] });
  const { projectId, actor } = await seedProject(ctx);
  const work = async () => {
    const worker = await startWorker({
      ctx,
      connectionString: database.url,
      agents: runtimeOf(gate.agent),
      providers: new Map(),
      graceMs: 50,
      sweepMs: 100,
    });
    workers.push(worker);
    return worker;
  };
  const start = () => startAgentExecution(ctx, actor, { projectId, agentType: "gated" });
  return { ctx, gate, work, start };
}

describe("startWorker", () => {
  it("takes a run that was started before it, and reports itself", async () => {
    const { ctx, gate, work, start } = await setup();
    const { id } = await start();
    const worker = await work();
    await gate.entered(1);
    expect(worker.state()).toMatchObject({ activeJobs: 1 });
    gate.open();
    await until(async () => (await readStatus(ctx, id)) === "completed");
    await until(async () => worker.state().activeJobs === 0 && worker.state().lastSweepAt !== null);
  });

  it("hands a running execution to another worker when it stops", async () => {
    const { ctx, gate, work, start } = await setup();
    const first = await work();
    const { id } = await start();
    await gate.entered(1);
    const began = performance.now();
    await first.stop();
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(await readStatus(ctx, id)).toBe("running");
    await work();
    await gate.entered(2);
    gate.open();
    await until(async () => (await readStatus(ctx, id)) === "completed");
    const row = await ctx.db.agentExecution.findUniqueOrThrow({ where: { id }, include: { steps: true } });
    expect(row.attempt).toBe(2);
    expect(row.steps.map(({ name, fence }) => [name, fence])).toEqual([
      ["before", 1n],
      ["gate", 2n],
      ["after", 2n],
    ]);
  });

  it("says of a job that failed whose request it belongs to", async () => {
    const lines: unknown[] = [];
    const note = (_fields: object, message: string) =>
      void lines.push([message.slice(0, 11), currentCorrelation()?.requestId]);
    const log = { debug() {}, info() {}, warn() {}, error: note };
    const ctx = await makeContext(database, { log });
    const options = {
      ctx,
      connectionString: database.url,
      agents: runtimeOf(gatedAgent("none").agent),
      providers: new Map(),
    };
    workers.push(await startWorker({ ...options, graceMs: 50, sweepMs: 100 }));
    await correlate(
      correlationOf({ requestId: "of-a-request-1" }, () => ""),
      () => ctx.jobs.enqueue(ctx.db, "prune_deltas", { id: "no id at all" }, { maxAttempts: 1 }),
    );
    await until(async () => lines.length > 0);
    expect(lines).toEqual([["Failed task", "of-a-request-1"]]);
  });

  it("takes the next run after the database has cut all connections", async () => {
    const { ctx, gate, work, start } = await setup();
    await work();
    gate.open();
    for (let round = 0; round < 3; round++) {
      // Our own pool loses its idle connections too; a statement that met one is repeated.
      await until(async () => {
        const cut = ctx.db.$executeRaw`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()`;
        return cut.then(
          () => true,
          () => false,
        );
      });
    }
    const { id } = await start();
    await until(async () => (await readStatus(ctx, id)) === "completed");
  });
});
