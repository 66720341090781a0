import { createDb } from "@shiplog/db";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { afterAll, describe, expect, it } from "vitest";
import type { Context } from "../../context.ts";
import { decodeCursor, type StoredEvent } from "../../live/index.ts";
import { brief, seedProject, streamOf } from "../fixtures/runs.ts";
import {
  type AgentEventInput,
  appendAgentExecutionEvents,
  finishAgentExecution,
  startAgentExecution,
} from "../index.ts";

const database = await testDatabase();
const other = createDb(database.url);
afterAll(() => other.$disconnect());

async function setup(overrides = {}) {
  const ctx = await makeContext(database, overrides);
  const { projectId, actor } = await seedProject(ctx);
  const { id } = await startAgentExecution(ctx, actor, {
    projectId,
    agentType: "claude-code",
    external: true,
  });
  const append = (events: AgentEventInput[], batch?: number, from: Context = ctx) =>
    appendAgentExecutionEvents(from, actor, { id, events, batch });
  return { ctx, actor, projectId, id, append };
}

const delta = (text: string, messageId = "m1"): AgentEventInput => ({ textDelta: { messageId, text } });
const textOf = (events: readonly StoredEvent[]) =>
  events.flatMap(({ type, data }) => (type === "AgentTextDelta" ? [(data as { text: string }).text] : []));

function gaps(events: readonly StoredEvent[]): number[] {
  const times = events.filter(({ type }) => type === "AgentTextDelta").map(({ at }) => at.getTime());
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

/** Calls `send` `count` times, spread evenly over a second, and waits for every answer. */
async function spread<T>(count: number, send: (index: number) => Promise<T>): Promise<T[]> {
  const began = performance.now();
  const answers: Promise<T>[] = [];
  for (let index = 0; index < count; index++) {
    const due = began + (index * 1000) / count;
    if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    answers.push(send(index));
  }
  return Promise.all(answers);
}

describe("appendAgentExecutionEvents", () => {
  it("merges 500 text deltas a second to one event per window and acknowledges what is durable", async () => {
    const { ctx, id, append } = await setup();
    const answers = await spread(500, async (index) => {
      const { cursor } = await append([delta(`${index} `)]);
      const seq = decodeCursor(cursor)?.seq ?? 0;
      const stored = await ctx.db.streamEvent.findUniqueOrThrow({
        where: { streamId_seq: { streamId: id, seq } },
      });
      return (stored.data as { text: string }).text.includes(`${index} `);
    });
    expect(answers.every(Boolean)).toBe(true);
    const events = await streamOf(ctx, id);
    expect(textOf(events).join("")).toBe(Array.from({ length: 500 }, (_, index) => `${index} `).join(""));
    expect(Math.min(...gaps(events))).toBeGreaterThanOrEqual(50);
    expect(textOf(events).length).toBeGreaterThan(1);
  });

  it("keeps to the window when two processes take the calls", async () => {
    const { ctx, id, append } = await setup();
    const second = await makeContext({ db: other });
    await spread(200, (index) => append([delta("x")], undefined, index % 2 === 0 ? ctx : second));
    const events = await streamOf(ctx, id);
    expect(textOf(events).join("")).toBe("x".repeat(200));
    expect(Math.min(...gaps(events))).toBeGreaterThanOrEqual(50);
  });

  it("never moves text across other events", async () => {
    const { ctx, id, append } = await setup();
    await Promise.all([
      append([
        delta("a"),
        delta("b"),
        { toolCallStarted: { callId: "c1", tool: "Read", arguments: { n: 1 } } },
      ]),
      append([delta("c"), delta("d", "m2")]),
      append([
        delta("e", "m2"),
        { toolCallFinished: { callId: "c1", ok: true, result: "ok", durationMs: 3 } },
      ]),
      append([delta("f"), { message: { messageId: "m1", role: "assistant", text: "abcf" } }]),
    ]);
    expect(brief((await streamOf(ctx, id)).slice(1), "messageId", "text", "callId", "fromSeq")).toEqual([
      "AgentTextDelta m1 ab",
      "AgentToolCallStarted c1",
      "AgentTextDelta m1 c",
      "AgentTextDelta m2 de",
      "AgentToolCallFinished c1",
      "AgentTextDelta m1 f",
      "AgentMessage m1 abcf 2",
    ]);
  });

  it("writes a batch once, in order", async () => {
    const { ctx, id, append } = await setup();
    const first = await append([delta("one")], 1);
    await expect(append([delta("three")], 3)).rejects.toMatchObject({
      name: "BatchOutOfOrderError",
      expected: 2,
    });
    const answers = await Promise.all(Array.from({ length: 10 }, () => append([delta("two")], 2)));
    expect(new Set(answers.map(({ cursor }) => cursor)).size).toBe(1);
    expect(await append([delta("one")], 1)).toEqual(first);
    expect(textOf(await streamOf(ctx, id)).join("")).toBe("onetwo");
  });

  it("ends with the run, and finish waits for the text before it", async () => {
    const { ctx, actor, id, append } = await setup();
    await append([delta("a")]);
    const waiting = append([delta("b")]);
    await new Promise(setImmediate);
    await finishAgentExecution(ctx, actor, { id, status: "completed", outputData: { ok: true } });
    await waiting;
    await expect(append([])).rejects.toMatchObject({
      name: "AgentExecutionEndedError",
      endStatus: "completed",
    });
    await expect(finishAgentExecution(ctx, actor, { id, status: "failed" })).rejects.toMatchObject({
      endStatus: "completed",
    });
    expect(brief(await streamOf(ctx, id), "text", "status")).toEqual([
      "AgentStatusChanged running",
      "AgentTextDelta a",
      "AgentTextDelta b",
      "AgentStatusChanged completed",
    ]);
    const head = await ctx.db.streamHead.findUniqueOrThrow({ where: { streamId: id } });
    expect(head.ended).toBe(true);
  });

  it("prices usage, and says what it could not price", async () => {
    const { ctx, id, append } = await setup();
    const usage = { model: "claude-sonnet-4-5", inputTokens: 1_000, outputTokens: "500" };
    await append([
      { usage },
      { usage: { ...usage, inputTokens: 2_000n } },
      { usage: { model: "nobody", inputTokens: 7 } },
    ]);
    const row = await ctx.db.agentExecution.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({
      inputTokens: 3_007n,
      outputTokens: 1_000n,
      unpricedUsages: 1,
      model: "nobody",
    });
    expect(row.costNanos).toBe(24_000_000n);
  });

  it("stores what is too large for an event, and any text PostgreSQL would refuse", async () => {
    const { ctx, id, append } = await setup();
    const long = "\n".repeat(40_000);
    await append([
      { message: { messageId: "m", role: "user", text: long } },
      { toolCallStarted: { callId: "c", tool: "t", arguments: { "a\u0000": ["\ud800", long] } } },
      delta("y".repeat(20_000)),
      { toolCallFinished: { callId: "c", ok: true, result: "\u0001".repeat(8_000) } },
    ]);
    const events = await streamOf(ctx, id);
    for (const { data } of events)
      expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThanOrEqual(16 * 1024);
    expect(textOf(events).join("")).toBe("y".repeat(20_000));
    const bodies = await ctx.db.eventContent.findMany({ where: { streamId: id }, orderBy: { id: "asc" } });
    expect(bodies.map(({ mediaType }) => mediaType)).toEqual([
      "text/markdown",
      "application/json",
      "application/json",
    ]);
    expect(bodies[0]?.body).toBe(long);
    expect(JSON.parse(bodies[1]?.body ?? "")).toEqual({ "a\uFFFD": ["\uFFFD", long] });
  });

  it("refuses what is no event", async () => {
    const { append } = await setup();
    const bad: AgentEventInput[][] = [
      [{}],
      [{ ...delta("a"), usage: {} }],
      [delta("a", "")],
      Array.from({ length: 501 }, () => delta("a")),
      [delta("a".repeat(257 * 1024))],
      [{ usage: { inputTokens: -1 } }],
    ];
    for (const events of bad)
      await expect(append(events)).rejects.toMatchObject({ name: "InvalidInputError" });
    await expect(append([], 0)).rejects.toMatchObject({ name: "InvalidInputError" });
  });
});
