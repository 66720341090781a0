import { expect, it } from "vitest";
import { applyEvents, emptyLog } from "./log.ts";
import type { RunEvent } from "./run_event.ts";
import { treeOf } from "./tree.ts";

const time = (second: number) => new Date(second * 1000).toISOString();
const call = (seq: number, second: number, callId: string, parentCallId: string | null = null): RunEvent => ({
  __typename: "AgentToolCallStarted",
  seq,
  at: time(second),
  callId,
  parentCallId,
  tool: callId,
  arguments: null,
  truncated: false,
});

it("hangs calls below the step of their time and below the call they came from", () => {
  const log = emptyLog();
  applyEvents(log, [
    call(1, 1, "a"),
    call(2, 2, "b"),
    call(3, 3, "b1", "b"),
    { __typename: "AgentToolCallFinished", seq: 4, at: time(4), callId: "a", ok: false, truncated: false },
    call(5, 8, "open"),
  ]);
  const rows = treeOf(log, [{ index: 0, name: "collect", startedAt: time(0), completedAt: time(5) }], true);
  expect(rows.map((row) => [row.label, row.depth, row.status])).toEqual([
    ["collect", 0, "COMPLETED"],
    ["a", 1, "FAILED"],
    ["b", 1, "RUNNING"],
    ["b1", 2, "RUNNING"],
    ["open", 0, "RUNNING"],
  ]);
  expect(treeOf(log, [], false).at(-1)?.status).toBe("CANCELLED");
});
