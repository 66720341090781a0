import { describe, expect, it } from "vitest";
import { applyEvents, emptyLog, itemOf, keyOf, type MessageItem, rowOf } from "./log.ts";
import type { RunEvent } from "./run_event.ts";
import { LogSearch } from "./search.ts";

const at = (seq: number) => new Date(1_767_225_600_000 + seq).toISOString();
const line = (seq: number, messageId: string, text: string, more: Partial<RunEvent> = {}): RunEvent =>
  ({
    __typename: "AgentMessage",
    seq,
    at: at(seq),
    messageId,
    role: "assistant",
    text,
    truncated: false,
    ...more,
  }) as RunEvent;
const delta = (seq: number, messageId: string, text: string): RunEvent => ({
  __typename: "AgentTextDelta",
  seq,
  at: at(seq),
  messageId,
  text,
});
const call = (seq: number): RunEvent => ({
  __typename: "AgentToolCallStarted",
  seq,
  at: at(seq),
  callId: `c${seq}`,
  parentCallId: null,
  tool: "files/read",
  arguments: {},
  truncated: false,
});
const lines = (count: number) =>
  Array.from({ length: count }, (_, nth) => line(nth + 1, `m${nth}`, `line ${nth}`));

/** Numbers that look random and are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe("a long log", () => {
  it("has every message where and as it came, whatever is packed", () => {
    const log = emptyLog();
    const texts = new Map<string, string>();
    const done = new Set<string>();
    const random = numbers(7);
    const ids: string[] = [];
    for (let seq = 1; seq <= 5_000; seq++) {
      const one = random(100);
      let event: RunEvent;
      if (one < 70 || ids.length === 0)
        event = line(seq, `m${seq}`, one % 9 ? `line ${seq} é` : `ERROR ${seq} 🙂`);
      else if (one < 80) event = call(seq);
      // Several times what a block may have.
      else if (one < 82) event = line(seq, `m${seq}`, `${"long ".repeat(20)}\n`.repeat(60));
      // What streams is told further, or a message that was complete is told anew.
      else if (one < 97) event = delta(seq, ids.at(-1 - random(5)) ?? "", ` and ${seq}`);
      else
        event = line(
          seq,
          ids[random(ids.length)] ?? "",
          random(2) ? "anew" : `${"x".repeat(90)}\n`.repeat(50),
        );
      if (event.__typename === "AgentToolCallStarted") {
        ids.push(event.callId);
        texts.set(event.callId, "");
      } else if (event.__typename === "AgentMessage") {
        if (event.messageId.startsWith("c")) continue;
        if (!texts.has(event.messageId)) ids.push(event.messageId);
        texts.set(event.messageId, event.text);
        done.add(event.messageId);
      } else if (event.__typename === "AgentTextDelta") {
        if (event.messageId.startsWith("c")) continue;
        texts.set(event.messageId, (texts.get(event.messageId) ?? "") + event.text);
      }
      applyEvents(log, [event]);
    }
    const rows = [...log.rows];
    const order = rows.map(({ item }) => keyOf(item)).filter((key, nth, all) => key !== all[nth - 1]);
    expect(order).toEqual([...texts.keys()].map((id) => (id.startsWith("c") ? id : `message:${id}`)));
    for (const [id, text] of texts) {
      if (id.startsWith("c")) continue;
      const item = itemOf(log, `message:${id}`) as MessageItem;
      expect([item.blocks.join(""), item.done, item.id]).toEqual([text, done.has(id), id]);
      const index = rowOf(log, `message:${id}`);
      expect(index).toBe(rows.findIndex((row) => row.item.kind === "message" && row.item.id === id));
    }
    expect(log.rows.slice(0)).toHaveLength(rows.length);
    expect(log.rows.slice(100, 5_000).map(({ item }) => keyOf(item))).toEqual(
      rows.slice(100, 5_000).map(({ item }) => keyOf(item)),
    );
  });

  it("keeps what is shown the same objects while it is packed, and afterwards", () => {
    const log = emptyLog();
    const all = lines(6_000);
    applyEvents(log, all.slice(0, 1_000));
    const shown = log.rows.slice(200, 260);
    applyEvents(log, all.slice(1_000));
    const again = log.rows.slice(200, 260);
    expect(again.every((row, nth) => row === shown[nth])).toBe(true);
    // Nobody looks at this one: it is packed, and each look makes it anew.
    expect(log.rows.at(2_000)).not.toBe(log.rows.at(2_000));
    const others = log.rows.slice(3_000, 3_060);
    expect(others.map(({ item }) => item)).toEqual(log.rows.slice(3_000, 3_060).map(({ item }) => item));
    expect(log.rows.slice(3_000, 3_060).every((row, nth) => row === others[nth])).toBe(true);
    expect(others[0]?.item).toMatchObject({
      id: "m3000",
      seq: 3001,
      at: at(3001),
      blocks: ["line 3000"],
      done: true,
    });
  });

  it("takes a message that was packed and comes again for the same one", () => {
    const log = emptyLog();
    applyEvents(log, lines(4_000));
    const before = log.rows.slice(0, 10);
    applyEvents(log, [line(4_001, "m3", "line 3, corrected"), delta(4_002, "m2", " and more")]);
    expect(log.rows.length).toBe(4_000);
    expect(log.rows.slice(0, 5).map(({ item }) => (item as MessageItem).blocks)).toEqual([
      ["line 0"],
      ["line 1"],
      ["line 2 and more"],
      ["line 3, corrected"],
      ["line 4"],
    ]);
    expect(log.rows.slice(0, 10).every((row, nth) => row === before[nth])).toBe(true);
  });

  it("is packed as well when the run ended with a message open", () => {
    const log = emptyLog();
    applyEvents(log, [
      delta(1, "open", "ERROR the first"),
      ...lines(4_000).map((one) => ({ ...one, seq: one.seq + 1 })),
    ]);
    // A message that streams holds up all behind it.
    expect(log.rows.at(2_000)).toBe(log.rows.at(2_000));
    applyEvents(log, [
      { __typename: "AgentStatusChanged", seq: 5_000, at: at(5_000), status: "FAILED", attempt: 1 },
    ]);
    expect(log.rows.at(2_000)).not.toBe(log.rows.at(2_000));
    expect(log.rows.indexesOf(log.errors)).toEqual([0, 4_001]);
  });

  it("finds what was packed, and what went wrong", () => {
    const log = emptyLog();
    const all = lines(5_000);
    all[700] = line(701, "m700", "ERROR it broke");
    all[4_900] = line(4_901, "m4900", "ERROR again");
    applyEvents(log, all);
    const search = new LogSearch(log, "LINE 77");
    search.scan(() => false);
    expect(search.hits.slice(0, 3)).toEqual([77, 770, 771]);
    expect(search.hits).toHaveLength(11);
    expect(log.rows.indexesOf(log.errors)).toEqual([700, 4_900]);
  });

  it("finds the place of a message whose pieces are gone among what was packed", () => {
    const log = emptyLog();
    applyEvents(
      log,
      lines(5_000).map((one) => ({ ...one, seq: one.seq + (one.seq > 700 ? 1 : 0) })),
    );
    const shown = log.rows.slice(690, 695);
    applyEvents(log, [line(5_002, "slow", "said slowly", { fromSeq: 701 })]);
    expect(log.rows.slice(699, 702).map(({ item }) => item.id)).toEqual(["m699", "slow", "m700"]);
    expect(log.rows.length).toBe(5_001);
    expect(log.rows.slice(690, 695).every((row, nth) => row === shown[nth])).toBe(true);
    expect(rowOf(log, "message:m4999")).toBe(5_000);
  });
});
