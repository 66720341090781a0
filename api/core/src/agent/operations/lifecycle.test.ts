import { mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { describe, expect, it } from "vitest";
import { type Actor, SYSTEM } from "../../actor.ts";
import { brief, seedProject, streamOf } from "../fixtures/runs.ts";
import {
  appendAgentExecutionEvents,
  cancelAgentExecution,
  finishAgentExecution,
  retryAgentExecution,
  startAgentExecution,
  sweepAgentExecutions,
} from "../index.ts";

const database = await testDatabase();
const reader = { type: "reader", description: "reads", needsWorkspace: true };

async function setup(overrides = {}) {
  const ctx = await makeContext(database, { agentTypes: [reader], ...overrides });
  const { projectId, actor } = await seedProject(ctx);
  const external = (more = {}) =>
    startAgentExecution(ctx, actor, { projectId, agentType: "ci", external: true, ...more });
  return { ctx, projectId, actor, external };
}

describe("startAgentExecution", () => {
  it("enqueues its job in the same transaction", async () => {
    const { ctx, projectId, actor } = await setup();
    const path = await realpath(await mkdtemp(join(tmpdir(), "shiplog-run-")));
    await ctx.db.projectWorkspace.create({ data: { projectId, path, createdAt: new Date() } });
    const started = await startAgentExecution(ctx, actor, {
      projectId,
      agentType: "reader",
      taskDescription: "Go",
    });
    expect(started).toMatchObject({
      status: "pending",
      external: false,
      inputData: { path },
      createdById: expect.any(String),
    });
    const jobs = await ctx.db
      .$queryRaw`SELECT key FROM graphile_worker.jobs WHERE key LIKE ${`%${started.id}%`}`;
    expect(jobs).toEqual([{ key: `run_agent:${started.id}:0` }]);
    const named = await startAgentExecution(ctx, actor, {
      projectId,
      agentType: "reader",
      inputData: { path, deep: true },
    });
    expect(named.inputData).toEqual({ path, deep: true });
  });

  it("and a retry are refused in an archived project; what runs goes on", async () => {
    const { ctx, projectId, actor, external } = await setup();
    const [ended, open] = [await external(), await external({ idempotencyKey: "open" })];
    await finishAgentExecution(ctx, actor, { id: ended.id, status: "failed" });
    await ctx.db.project.update({ where: { id: projectId }, data: { status: "archived" } });
    const archived = { code: "INVALID_INPUT", message: expect.stringContaining("archived") };
    await expect(external()).rejects.toMatchObject(archived);
    await expect(retryAgentExecution(ctx, actor, { id: ended.id })).rejects.toMatchObject(archived);
    expect(await external({ idempotencyKey: "open" })).toMatchObject({ id: open.id });
    const finished = await finishAgentExecution(ctx, actor, { id: open.id, status: "completed" });
    expect(finished).toMatchObject({ status: "completed" });
  });

  it("refuses unknown agents and folders that are not the project's", async () => {
    const { ctx, projectId, actor } = await setup();
    const start = (agentType: string, inputData = {}) =>
      startAgentExecution(ctx, actor, { projectId, agentType, inputData });
    await expect(start("nobody")).rejects.toMatchObject({ name: "InvalidInputError" });
    await expect(start("reader")).rejects.toMatchObject({ name: "InvalidInputError" });
    await expect(start("reader", { path: "/etc" })).rejects.toMatchObject({ name: "InvalidInputError" });
    await expect(start("reader", { path: 7 })).rejects.toMatchObject({ name: "InvalidInputError" });
  });

  it("answers the first execution for a repeated key, also at once", async () => {
    const { ctx, projectId, external } = await setup();
    const runs = await Promise.all(Array.from({ length: 8 }, () => external({ idempotencyKey: "k" })));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    expect(brief(await streamOf(ctx, projectId), "status")).toEqual(["AgentExecutionChanged running"]);
  });

  it("is closed to strangers, to viewers and to keys without the scope", async () => {
    const { ctx, projectId, actor } = await setup();
    const { actor: stranger } = await seedProject(ctx);
    const start = (by: Actor) => startAgentExecution(ctx, by, { projectId, agentType: "ci", external: true });
    await expect(start(stranger)).rejects.toMatchObject({ name: "NotFoundError" });
    const key = { type: "key", keyId: ctx.newId(), projectId, userId: null, scopes: ["agent:read"] } as const;
    await expect(start(key)).rejects.toMatchObject({ name: "ForbiddenError" });
    const { id } = await start(actor);
    await expect(cancelAgentExecution(ctx, stranger, { id })).rejects.toMatchObject({
      name: "NotFoundError",
    });
  });
});

describe("cancel, retry, silence", () => {
  it("cancels an external run at once; its agent learns of it", async () => {
    const { ctx, actor, external } = await setup();
    const { id } = await external();
    await appendAgentExecutionEvents(ctx, actor, {
      id,
      events: [{ toolCallStarted: { callId: "c", tool: "Bash", arguments: { command: "sleep" } } }],
    });
    expect(await cancelAgentExecution(ctx, actor, { id })).toMatchObject({ status: "cancelled" });
    await expect(appendAgentExecutionEvents(ctx, actor, { id, events: [] })).rejects.toMatchObject({
      endStatus: "cancelled",
    });
    await expect(cancelAgentExecution(ctx, actor, { id })).rejects.toMatchObject({
      name: "InvalidStatusError",
    });
    expect(brief(await streamOf(ctx, id), "status", "callId", "ok").slice(-2)).toEqual([
      "AgentToolCallFinished c false",
      "AgentStatusChanged cancelled",
    ]);
  });

  it("cancels a pending run at once", async () => {
    const { ctx, projectId } = await setup();
    const path = await mkdtemp(join(tmpdir(), "shiplog-run-"));
    const { id } = await startAgentExecution(ctx, SYSTEM, {
      projectId,
      agentType: "reader",
      inputData: { path },
    });
    expect(await cancelAgentExecution(ctx, SYSTEM, { id })).toMatchObject({ status: "cancelled" });
  });

  it("retries an ended run as a new one", async () => {
    const { ctx, actor, external } = await setup();
    const { id } = await external({ taskDescription: "Fix it", inputData: { branch: "main" } });
    await expect(retryAgentExecution(ctx, actor, { id })).rejects.toMatchObject({
      name: "InvalidStatusError",
    });
    await finishAgentExecution(ctx, actor, { id, status: "failed", errorMessage: "broke" });
    const again = await retryAgentExecution(ctx, actor, { id });
    expect(again).toMatchObject({ retryOfId: id, taskDescription: "Fix it", inputData: { branch: "main" } });
    const changed = await retryAgentExecution(ctx, actor, { id, inputData: { branch: "dev" } });
    expect(changed).toMatchObject({ retryOfId: id, inputData: { branch: "dev" } });
    expect(await ctx.db.agentExecution.findUnique({ where: { id } })).toMatchObject({ status: "failed" });
  });

  it("fails a silent external run, not one with a heartbeat", async () => {
    const clock = createTestClock();
    const { ctx, actor, external } = await setup({ clock, settings: { externalSilenceMs: 15 * 60_000 } });
    const silent = await external();
    const alive = await external();
    clock.advance(10 * 60_000);
    await appendAgentExecutionEvents(ctx, actor, { id: alive.id, events: [] });
    clock.advance(5 * 60_000);
    await sweepAgentExecutions(ctx);
    const read = (id: string) => ctx.db.agentExecution.findUniqueOrThrow({ where: { id } });
    expect(await read(silent.id)).toMatchObject({
      status: "failed",
      errorMessage: "no sign of life for 15 minutes",
    });
    expect((await read(alive.id)).status).toBe("running");
  });

  it("appends text although the clock stands still", async () => {
    const { ctx, actor, external } = await setup({ clock: createTestClock() });
    const { id } = await external();
    for (const text of ["a", "b", "c"]) {
      await appendAgentExecutionEvents(ctx, actor, { id, events: [{ textDelta: { messageId: "m", text } }] });
    }
    expect((await streamOf(ctx, id)).length).toBe(4);
  });
});
