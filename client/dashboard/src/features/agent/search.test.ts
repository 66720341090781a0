import { expect, it } from "vitest";
import { applyEvents, emptyLog } from "./log.ts";
import { createLogErrors } from "./log_search.ts";
import type { RunEvent } from "./run_event.ts";
import type { RunState } from "./run_state.ts";
import { LogSearch } from "./search.ts";

const at = new Date(0).toISOString();
const piece = (seq: number, messageId: string, text: string): RunEvent => ({
  __typename: "AgentTextDelta",
  ...{ seq, at, messageId, text },
});
const begins = (seq: number, callId: string): RunEvent => ({
  __typename: "AgentToolCallStarted",
  ...{ seq, at, callId, tool: "shell", arguments: {}, truncated: false },
});
const ends = (seq: number, callId: string, ok: boolean, result: string): RunEvent => ({
  __typename: "AgentToolCallFinished",
  ...{ seq, at, callId, ok, result, truncated: false },
});
const never = () => false;
/** More than a block takes. */
const LONG = "a line of a text that grows\n".repeat(100);

function searched(...events: RunEvent[]) {
  const log = emptyLog();
  applyEvents(log, events);
  const search = new LogSearch(log, "needle");
  search.scan(never);
  return {
    search,
    goes: (...more: RunEvent[]) => {
      applyEvents(log, more);
      search.scan(never);
    },
  };
}

it("stays at its hit while a text and a call before it get some as well", () => {
  const { search, goes } = searched(
    ...[piece(1, "a", "needle, "), begins(2, "c"), piece(3, "b", "needle, the needle")],
  );
  expect(search.hits).toEqual([0, 2, 2]);
  search.goTo(2);
  goes(piece(4, "a", "needle and needle"));
  expect([search.at(), search.hits]).toEqual([4, [0, 0, 0, 2, 2]]);
  goes(ends(5, "c", true, "a needle"));
  expect([search.at(), search.nth(search.at())]).toEqual([5, 1]);
});

it("stays at its hit while rows come before it", () => {
  const { search, goes } = searched(piece(1, "a", "needle\n"), piece(2, "b", "a needle"));
  search.goTo(1);
  goes(piece(3, "a", `${LONG}needle`));
  const row = search.hits[search.at()] as number;
  expect([search.at(), row > 1, search.nth(search.at())]).toEqual([2, true, 0]);
});

it("finds the first hit from a row on", () => {
  const { search } = searched(piece(1, "a", "needle"), piece(2, "b", "a"), piece(3, "c", "needle, needle"));
  expect([0, 1, 2, 3].map((row) => search.firstFrom(row))).toEqual([0, 1, 1, null]);
});

it("goes to the hit behind one that is gone", () => {
  const { search, goes } = searched(piece(1, "a", "needle"), piece(2, "b", "a needle, a needle"));
  expect(search.at()).toBe(-1);
  search.goTo(0);
  goes({
    ...{ __typename: "AgentMessage", seq: 3, at, messageId: "a", role: "assistant", text: "nothing" },
    ...{ fromSeq: 1, truncated: false },
  });
  expect([search.at(), search.hits]).toEqual([0, [1, 1]]);
});

it("goes from error to error while rows come before them", () => {
  const log = emptyLog();
  applyEvents(log, [piece(1, "a", "begin\n")]);
  for (const [nth, id] of ["c", "d", "e"].entries())
    applyEvents(log, [begins(2 + 2 * nth, id), ends(3 + 2 * nth, id, false, "no rule")]);
  const shown: unknown[] = [];
  const errors = createLogErrors({ log: () => log } as RunState, (index) => {
    const item = log.rows.at(index)?.item;
    shown.push(item?.kind === "call" && item.id);
  });
  errors.next(1);
  applyEvents(log, [piece(10, "a", LONG)]);
  errors.next(1);
  applyEvents(log, [piece(11, "a", LONG)]);
  errors.next(1);
  errors.next(-1);
  expect(shown).toEqual(["c", "d", "e", "d"]);
});
