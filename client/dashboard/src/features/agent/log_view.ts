import { createEffect, createMemo, createSignal, on, onCleanup } from "solid-js";
import { unwrap } from "solid-js/store";
import type { VirtualHandle } from "../../ui/virtual_list.tsx";
import type { RunState } from "./run_state.ts";
import { findRows } from "./search.ts";

export interface LogProps {
  readonly state: RunState;
  /** The selected item; it lives in the address. */
  readonly selected: string | null;
  readonly onSelect: (id: string | null) => void;
}

/** Where the reader is in the log: following its end or not, what is unfolded. */
export function createLogView(props: LogProps) {
  const log = () => props.state.log;
  const [follow, setFollow] = createSignal(props.state.live());
  const [seen, setSeen] = createSignal(0);
  const [open, setOpen] = createSignal<ReadonlySet<string>>(new Set());
  let list: VirtualHandle | undefined;
  let shown: string | null = null;

  // The first answer tells whether the run goes on; a run that is over opens at its beginning.
  createEffect(
    on(
      () => Boolean(props.state.run()),
      (known) => known && setFollow(props.state.live()),
    ),
  );
  createEffect(() => {
    if (follow()) setSeen(log().rows.length);
  });
  const goTo = (index: number) => {
    const row = log().rows[index];
    if (!row) return;
    setFollow(false);
    shown = row.item;
    props.onSelect(row.item);
    list?.scrollToIndex(index);
  };

  // A selection made elsewhere (the tree, the address) is brought into view.
  createEffect(
    on(
      () => [props.selected, props.state.ready()] as const,
      ([id]) => {
        if (id === null) shown = null;
        if (id === shown) return;
        const index = id ? log().rows.findIndex((row) => row.item === id) : -1;
        if (index < 0) return;
        shown = id;
        setFollow(false);
        requestAnimationFrame(() => list?.scrollToIndex(index));
      },
    ),
  );

  return {
    follow,
    setFollow: (value: boolean) => {
      if (!value) setSeen(log().rows.length);
      setFollow(value);
    },
    /** Rows that came since the reader let go of the end. */
    fresh: () => log().rows.length - seen(),
    isOpen: (id: string) => open().has(id),
    toggle: (id: string) => {
      setOpen((old) => {
        const next = new Set(old);
        if (!next.delete(id)) next.add(id);
        return next;
      });
    },
    goTo,
    /** To the next item (1) or the one before (-1). */
    move: (step: 1 | -1) => {
      const rows = log().rows;
      const at = rows.findIndex((row) => row.item === props.selected);
      const begin = at >= 0 ? at + step : step > 0 ? 0 : rows.length - 1;
      for (let i = begin; i >= 0 && i < rows.length; i += step) {
        if (rows[i]?.item !== props.selected) return goTo(i);
      }
    },
    setHandle: (handle: VirtualHandle) => {
      list = handle;
    },
  };
}
export type LogView = ReturnType<typeof createLogView>;

/** What is searched for, and which of the hits the reader is at. */
export function createLogSearch(state: RunState, goTo: (row: number) => void) {
  const [text, setText] = createSignal("");
  const [at, setAt] = createSignal(0);
  // Reads the bare log once per batch of events, not as thousands of tracked values.
  const hits = createMemo(
    on([text, () => (text() ? state.log.seq : 0)], () => findRows(unwrap(state.log), text())),
  );
  const show = (index: number) => {
    const row = hits()[index];
    if (row === undefined) return;
    setAt(index);
    goTo(row);
    // The row may be higher than the window: the hit itself comes to its middle.
    requestAnimationFrame(() =>
      document.querySelector(`[data-row="${row}"] mark`)?.scrollIntoView({ block: "center" }),
    );
  };
  createEffect(on(text, (value) => value && show(0), { defer: true }));
  return {
    text,
    setText,
    label: () => (hits().length === 0 ? "no match" : `${at() + 1} of ${hits().length}`),
    next: (step: 1 | -1) => {
      const count = hits().length;
      if (count > 0) show((at() + step + count) % count);
    },
  };
}
export type LogSearch = ReturnType<typeof createLogSearch>;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** j, k, Enter, f, / and Esc, anywhere on the page but in fields and dialogs. */
export function createLogKeys(props: LogProps, view: LogView, focusSearch: () => void): void {
  const actions: Readonly<Record<string, () => void>> = {
    j: () => view.move(1),
    k: () => view.move(-1),
    f: () => view.setFollow(!view.follow()),
    "/": focusSearch,
    Escape: () => props.onSelect(null),
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("[role=dialog],[role=menu]")) return;
    const onButton = event.target instanceof HTMLButtonElement || event.target instanceof HTMLAnchorElement;
    const selected = props.selected;
    const action =
      event.key === "Enter" && selected && !onButton ? () => view.toggle(selected) : actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
  document.addEventListener("keydown", onKey);
  onCleanup(() => document.removeEventListener("keydown", onKey));
}
