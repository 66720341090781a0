import { describe, expect, it } from "vitest";
import { applyEvents, emptyLog, itemOf, keyOf, type MessageItem } from "./log.ts";
import type { RunEvent } from "./run_event.ts";
import { appendText, blocksOf } from "./text_blocks.ts";

const at = "2026-01-01T00:00:00Z";
const delta = (seq: number, messageId: string, text: string): RunEvent => ({
  __typename: "AgentTextDelta",
  seq,
  at,
  messageId,
  text,
});
const message = (seq: number, messageId: string, text: string, fromSeq: number | null = null): RunEvent => ({
  __typename: "AgentMessage",
  fromSeq,
  seq,
  at,
  messageId,
  role: "assistant",
  text,
  truncated: false,
});
const started = (seq: number, callId: string, parentCallId: string | null = null): RunEvent => ({
  __typename: "AgentToolCallStarted",
  seq,
  at,
  callId,
  parentCallId,
  tool: "files/read",
  arguments: { path: "a" },
  truncated: false,
});
const finished = (seq: number, callId: string, ok = true): RunEvent => ({
  __typename: "AgentToolCallFinished",
  seq,
  at,
  callId,
  ok,
  result: "done",
  durationMs: 12,
  truncated: false,
});
const changed = (seq: number, status: string): RunEvent => ({
  __typename: "AgentStatusChanged",
  seq,
  at,
  status,
  attempt: 1,
});
const textOf = (log: ReturnType<typeof emptyLog>, id: string) =>
  (itemOf(log, `message:${id}`) as MessageItem).blocks.join("");

describe("applyEvents", () => {
  it("builds messages from deltas, and tool calls from start and end", () => {
    const log = emptyLog();
    applyEvents(log, [
      delta(1, "m", "Hel"),
      delta(2, "m", "lo"),
      started(3, "c"),
      finished(4, "c", false),
      message(5, "m", "Hello"),
    ]);
    expect(textOf(log, "m")).toBe("Hello");
    expect(itemOf(log, "c")).toMatchObject({ tool: "files/read", ended: { ok: false, durationMs: 12 } });
    expect([...log.rows].map((row) => keyOf(row.item))).toEqual(["message:m", "c"]);
    expect(itemOf(log, "message:m")).toMatchObject({ done: true });
  });

  it("changes nothing on a repeat", () => {
    const once = emptyLog();
    const events = [delta(1, "m", "a"), started(2, "c"), delta(3, "m", "b")];
    applyEvents(once, events);
    const twice = emptyLog();
    applyEvents(twice, events.slice(0, 2));
    applyEvents(twice, events);
    expect(twice).toEqual(once);
  });

  it("takes the full message for deltas that were pruned or differ", () => {
    const log = emptyLog();
    applyEvents(log, [
      message(9, "m", "whole text"),
      delta(10, "n", "par"),
      message(11, "n", "partial no more"),
    ]);
    expect(textOf(log, "m")).toBe("whole text");
    expect(textOf(log, "n")).toBe("partial no more");
  });

  it("keeps the rows of messages that stream at the same time together", () => {
    const log = emptyLog();
    const long = `${"x".repeat(99)}\n`.repeat(25);
    applyEvents(log, [delta(1, "a", "first "), delta(2, "b", "second"), delta(3, "a", long)]);
    expect([...log.rows].map((row) => [keyOf(row.item), row.block])).toEqual([
      ["message:a", 0],
      ["message:a", 1],
      ["message:b", 0],
    ]);
    applyEvents(log, [message(4, "a", "short")]);
    expect([...log.rows].map((row) => keyOf(row.item))).toEqual(["message:a", "message:b"]);
  });

  it.each(["COMPLETED", "FAILED", "CANCELLED"])("closes what a run that is %s left open", (status) => {
    const log = emptyLog();
    const long = `${"x".repeat(99)}\n`.repeat(25);
    applyEvents(log, [delta(1, "m", `${long}ERROR the disk is full`), delta(2, "n", "calm")]);
    expect(log.errors.size).toBe(0);
    applyEvents(log, [changed(3, status)]);
    expect(itemOf(log, "message:m")).toMatchObject({ done: true });
    expect(itemOf(log, "message:n")).toMatchObject({ done: true });
    const told = [...log.errors].filter(({ item }) => item.kind === "message");
    expect(told.map(({ item, block }) => [keyOf(item), block])).toEqual([["message:m", 1]]);
  });

  it("leaves what streams open while the run goes on", () => {
    const log = emptyLog();
    applyEvents(log, [delta(1, "m", "ERROR or n"), changed(2, "WAITING_APPROVAL"), delta(3, "m", "ot")]);
    expect(itemOf(log, "message:m")).toMatchObject({ done: false, blocks: ["ERROR or not"] });
  });

  it("adds usage up and keeps unknown prices apart", () => {
    const usage = (seq: number, cost: string | null): RunEvent => ({
      __typename: "AgentUsage",
      seq,
      at,
      model: "m1",
      cost,
      inputTokens: "1000",
      cacheReadTokens: "400",
      outputTokens: "10",
    });
    const log = emptyLog();
    applyEvents(log, [usage(1, "0.0123"), usage(2, null), usage(3, "0.000000001")]);
    expect(log).toMatchObject({
      costNanos: 12_300_001n,
      unpriced: 1,
      tokens: { inputTokens: 3000, outputTokens: 30 },
    });
  });

  it("has a message where it began, whether or not its pieces are still there", () => {
    const [first, second] = ["First I say what I do. ", "Then what came of it."];
    const long = `${"x".repeat(99)}\n`.repeat(50);
    const events = [
      delta(1, "m", first),
      started(2, "c"),
      delta(3, "n", long),
      started(4, "d"),
      finished(5, "c"),
      message(6, "n", long, 3),
      delta(7, "m", second),
      message(8, "m", first + second, 1),
      message(9, "o", "The end."),
    ].map((event) => ({ ...event, at: `2026-01-01T00:00:0${event.seq}Z` }));
    const rowsOf = (some: readonly RunEvent[]) => {
      const log = emptyLog();
      applyEvents(log, some);
      return [...log.rows];
    };
    const live = rowsOf(events);
    const compacted = rowsOf(events.filter(({ __typename }) => __typename !== "AgentTextDelta"));
    const places = (rows: typeof live) =>
      rows.map(({ item, block }) => `${keyOf(item)} ${item.seq} ${block}`);
    expect(new Set(live.map(({ item }) => keyOf(item)))).toEqual(
      new Set(["message:m", "c", "message:n", "d", "message:o"]),
    );
    expect(places(compacted)).toEqual(places(live));
    // When a piece came is not known once it is gone: not later than what follows it.
    const times = compacted.map(({ item }) => item.at);
    expect(times).toEqual(times.toSorted());
  });

  it("takes 100,000 lines without slowing down on its own size", () => {
    const log = emptyLog();
    const events = Array.from({ length: 100_000 }, (_, nth) => delta(nth + 1, "m", `line ${nth}\n`));
    const begin = performance.now();
    applyEvents(log, events);
    expect(textOf(log, "m").split("\n")).toHaveLength(100_001);
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});

describe("text blocks", () => {
  it("loses no character and cuts outside of code fences", () => {
    const code = `\`\`\`ts\n${"const a = 1;\n\n".repeat(100)}\`\`\`\n\n`;
    const text = `intro\n\n${"words ".repeat(500)}\n\n${code}after\n`;
    const blocks: string[] = [];
    for (let i = 0; i < text.length; i += 7) appendText(blocks, text.slice(i, i + 7));
    expect(blocks.join("")).toBe(text);
    expect(blocks.length).toBeGreaterThan(1);
    for (const block of blocks) expect((block.match(/```/g) ?? []).length % 2).toBe(0);
    expect(blocksOf("")).toEqual([""]);
  });
});
