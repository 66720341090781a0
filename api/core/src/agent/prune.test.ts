import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { expect, it } from "vitest";
import { encodeId } from "../ids.ts";
import { createStreams, readEvents } from "../live/index.ts";
import { brief, seedProject } from "./fixtures/runs.ts";
import {
  type AgentEventInput,
  appendAgentExecutionEvents,
  compactRunning,
  finishAgentExecution,
  pruneDeltas,
  startAgentExecution,
} from "./index.ts";

const database = await testDatabase();
const ctx = await makeContext(database);

const delta = (messageId: string, text: string): AgentEventInput => ({ textDelta: { messageId, text } });

it("takes from an ended run the pieces that a message stands for, and renumbers nothing", async () => {
  const { projectId, actor } = await seedProject(ctx);
  const { id } = await startAgentExecution(ctx, actor, { projectId, agentType: "ci", external: true });
  const append = (...events: AgentEventInput[]) => appendAgentExecutionEvents(ctx, actor, { id, events });
  await append(delta("a", "Hel"), { usage: { model: "m" } }, delta("a", "lo"));
  await append({ message: { messageId: "a", role: "assistant", text: "Hello" } }, delta("b", "cut off"));
  expect(await pruneDeltas(ctx, { id })).toBe(0);
  const jobs = () => ctx.db.$queryRaw`SELECT run_at > now() AS later FROM graphile_worker.jobs
    WHERE task_identifier = 'prune_deltas' AND key LIKE ${`%${id}`}`;
  expect(await jobs()).toEqual([]);
  await finishAgentExecution(ctx, actor, { id, status: "completed" });
  expect(await jobs()).toEqual([{ later: true }]);

  const before = await readEvents(ctx.db, id, 0, 100);
  expect(await pruneDeltas(ctx, { id })).toBe(2);
  expect(await pruneDeltas(ctx, { id })).toBe(0);
  const kept = before.filter(({ seq }) => seq !== 2 && seq !== 4);
  expect(brief(before, "text", "fromSeq")).toEqual([
    "AgentStatusChanged",
    "AgentTextDelta Hel",
    "AgentUsage",
    "AgentTextDelta lo",
    "AgentMessage Hello 2",
    "AgentTextDelta cut off",
    "AgentStatusChanged",
  ]);

  // A reader that comes after it is told nothing of a hole: it gets what is left, to the end.
  const streams = createStreams(ctx);
  const told = [];
  const request = { kind: "agent_execution", id: encodeId("AgentExecution", id), actor } as const;
  for await (const batch of await streams.open(request)) {
    expect(batch.reset).toBe(false);
    told.push(...batch.events);
  }
  streams.close();
  expect(told).toEqual(kept);
});

it("takes from runs that go on the pieces of messages that have been whole for a minute, from each run once", async () => {
  const clock = createTestClock();
  const late = { ...ctx, clock };
  const { projectId, actor } = await seedProject(ctx);
  const run = async () => {
    const { id } = await startAgentExecution(late, actor, { projectId, agentType: "ci", external: true });
    const append = (...events: AgentEventInput[]) => appendAgentExecutionEvents(late, actor, { id, events });
    await append(delta("a", "Hel"), { usage: { model: "m" } }, delta("a", "lo"));
    await append({ message: { messageId: "a", role: "assistant", text: "Hello" } }, delta("b", "goes on"));
    return { id, append };
  };
  const runs = await Promise.all([run(), run()]);
  clock.advance(50_000);
  expect(await compactRunning(late)).toBe(0);
  clock.advance(11_000);
  for (const { append } of runs)
    await append({ message: { messageId: "b", role: "assistant", text: "goes on" } });
  expect(await compactRunning(late)).toBe(4);
  expect(await compactRunning(late)).toBe(0);
  for (const { id } of runs) {
    expect(brief(await readEvents(ctx.db, id, 0, 100), "text", "fromSeq")).toEqual([
      "AgentStatusChanged",
      "AgentUsage",
      "AgentMessage Hello 2",
      "AgentTextDelta goes on",
      "AgentMessage goes on 6",
    ]);
  }
});
