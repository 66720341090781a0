import { createEffect, createSignal, on, onCleanup } from "solid-js";
import type { LogRow } from "./log.ts";
import type { RunState } from "./run_state.ts";
import { LogSearch } from "./search.ts";

/** Milliseconds of a frame that are spent on searching. */
const SLICE = 3;

/** The hit that the reader is at: a row, and which of its hits. */
export interface CurrentHit {
  readonly row: number;
  readonly nth: number;
}

/**
 * What is searched for, what was found so far, and which of the hits the reader is at: the first from where he was when
 * he began (`eye`, the first row that he saw), or else the first of all.
 */
export function createLogSearch(state: RunState, eye: () => number, show: (row: number) => void) {
  const [text, setText] = createSignal("");
  const [found, setFound] = createSignal(0);
  const [done, setDone] = createSignal(true);
  const [at, setAt] = createSignal(-1);
  let search: LogSearch | undefined;
  let chosen = false;
  let from = 0;
  let frame = 0;

  const go = (hit: number) => {
    const row = search?.hits[hit];
    if (row === undefined) return;
    search?.goTo(hit);
    chosen = true;
    setAt(hit);
    show(row);
  };
  const scan = () => {
    cancelAnimationFrame(frame);
    if (!search) return;
    const until = performance.now() + SLICE;
    const all = search.scan(() => performance.now() > until);
    setFound(search.hits.length);
    setDone(all);
    setAt(search.at());
    if (!chosen) go(search.firstFrom(from) ?? (all ? 0 : -1));
    if (!all) frame = requestAnimationFrame(scan);
  };
  onCleanup(() => cancelAnimationFrame(frame));
  createEffect(
    on(
      () => (text() ? [text(), state.log()] : [""]),
      (_now, before) => {
        const changed = before === undefined || before[0] !== text() || before[1] !== state.log();
        if (changed) {
          // Each letter more is searched for from the hit of those before.
          from = (chosen ? search?.hits[search.at()] : undefined) ?? (before?.[0] ? from : eye());
          search = text() ? new LogSearch(state.log(), text()) : undefined;
          chosen = false;
          setAt(-1);
          setFound(0);
          setDone(true);
        }
        scan();
      },
    ),
  );

  return {
    text,
    setText,
    label: () => {
      if (found() === 0) return done() ? "no match" : "searching…";
      const total = found().toLocaleString("en");
      return `${(at() + 1).toLocaleString("en")} of ${total}${done() ? "" : "…"}`;
    },
    current: (): CurrentHit | null => {
      const row = search?.hits[at()];
      return found() > 0 && search && row !== undefined ? { row, nth: search.nth(at()) } : null;
    },
    next: (step: 1 | -1) => {
      if (found() > 0) go((at() + step + found()) % found());
    },
  };
}
export type LogSearchState = ReturnType<typeof createLogSearch>;

/** What went wrong in the log, one after the other. */
export function createLogErrors(state: RunState, show: (row: number) => void) {
  let last: LogRow | undefined;
  return {
    count: () => state.log().errors.size,
    next: (step: 1 | -1) => {
      const { rows, errors } = state.log();
      const indexes = rows.indexesOf(errors);
      const [from] = last ? rows.indexesOf(new Set([last])) : [];
      const next =
        from === undefined
          ? indexes.at(step > 0 ? 0 : -1)
          : ((step > 0 ? indexes.find((one) => one > from) : indexes.findLast((one) => one < from)) ??
            indexes.at(step > 0 ? 0 : -1));
      if (next === undefined) return;
      last = rows.at(next);
      show(next);
    },
  };
}
export type LogErrors = ReturnType<typeof createLogErrors>;
