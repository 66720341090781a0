import { startAgentExecution } from "@shiplog/core/agent";
import { queryRaw, sql } from "@shiplog/db";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { proxyDatabase } from "@shiplog/testkit/proxy";
import { expect, onTestFinished, test } from "vitest";
import { gatedAgent, readStatus, runtimeOf, seedProject, until } from "./fixtures/agents.ts";
import { startWorker } from "./start.ts";

const database = await testDatabase();

/** A run that waits at its gate on a worker whose jobs come over a network of the test's own. */
async function running() {
  const gate = gatedAgent("gated");
  const ctx = await makeContext(database, { agentTypes: [gate.agent] });
  const { projectId, actor } = await seedProject(ctx);
  const { proxy, url } = await proxyDatabase(database.url);
  const worker = await startWorker({
    ctx,
    connectionString: url,
    agents: runtimeOf(gate.agent),
    providers: new Map(),
    graceMs: 50,
    sweepMs: 200,
  });
  onTestFinished(async () => {
    await worker.stop();
    await proxy.close();
  });
  const { id } = await startAgentExecution(ctx, actor, { projectId, agentType: "gated" });
  await gate.entered(1);
  const held = () =>
    queryRaw<{ pool: string }>(
      ctx.db,
      sql`SELECT locked_by AS pool FROM graphile_worker.jobs WHERE locked_by IS NOT NULL`,
    );
  expect(await held()).toHaveLength(1);
  const completed = () => until(async () => (await readStatus(ctx, id)) === "completed");
  return { gate, proxy, worker, held, completed };
}

test("the jobs of a worker whose network or machine vanished are given back within seconds", async () => {
  const { gate, proxy, held, completed } = await running();
  // The server is told of no end: to it the worker's connections are merely silent.
  proxy.blackhole();
  await until(async () => (await held()).length === 0, 20_000);
  proxy.heal();
  gate.open();
  await completed();
});

test("a job whose end could not be told is not kept by the worker that lives on", async () => {
  const { gate, proxy, worker, held, completed } = await running();
  proxy.refuse();
  gate.open();
  await completed();
  await until(async () => worker.state().activeJobs === 0);
  proxy.heal();
  await until(async () => (await held()).length === 0, 20_000);
});
