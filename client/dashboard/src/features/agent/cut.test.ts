import { describe, expect, it } from "vitest";
import { cutText } from "./cut.ts";
import { applyEvents, emptyLog } from "./log.ts";
import type { RunEvent } from "./run_event.ts";

const delta = (seq: number, text: string) =>
  ({ __typename: "AgentTextDelta", seq, at: "2026-01-01T00:00:00Z", messageId: "m", text }) as const;
const lines = (count: number, width = 70) =>
  Array.from({ length: count }, (_, nth) => `${nth} `.padEnd(width, "x")).join("\n");
const textsOf = (parts: readonly RunEvent[]) =>
  parts.map((part) => (part.__typename === "AgentTextDelta" ? part.text : ""));

describe("cutText", () => {
  it.each([
    ["many lines", lines(50)],
    ["lines with an end", `${lines(50)}\n`],
    ["one endless line", "y".repeat(5_000)],
    ["lines longer than a piece", `${lines(6, 900)}\n`],
    ["empty lines", "\n".repeat(2_000)],
  ])("loses nothing of %s and makes no piece large", (_, text) => {
    const texts = textsOf(cutText(delta(1, text)));
    expect(texts.join("")).toBe(text);
    expect(texts.length).toBeGreaterThan(1);
    for (const piece of texts) expect(piece.length).toBeLessThanOrEqual(600);
  });

  it("cuts behind lines where it can", () => {
    const texts = textsOf(cutText(delta(1, lines(50))));
    for (const piece of texts.slice(0, -1)) expect(piece.endsWith("\n")).toBe(true);
  });

  it("leaves little text and other events as they are", () => {
    const little = delta(1, "a few words");
    expect(cutText(little)).toEqual([little]);
    const message: RunEvent = {
      __typename: "AgentMessage",
      fromSeq: null,
      seq: 1,
      at: "2026-01-01T00:00:00Z",
      messageId: "m",
      role: "assistant",
      text: lines(50),
      truncated: false,
    };
    expect(cutText(message)).toEqual([message]);
  });

  it("folds into the same log as the whole, which is a repeat only when its last piece came", () => {
    const whole = delta(7, `${lines(60)}\n`);
    const [log, other] = [emptyLog(), emptyLog()];
    applyEvents(other, [delta(6, "before\n"), whole]);
    const parts = cutText(whole);
    applyEvents(log, [delta(6, "before\n"), ...parts.slice(0, 3)]);
    expect(log.seq).toBe(6);
    applyEvents(log, parts.slice(3));
    applyEvents(log, parts);
    expect(log).toEqual(other);
    expect(log.seq).toBe(7);
  });
});
