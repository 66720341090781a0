import { createEffect, createSignal, on, onCleanup, untrack } from "solid-js";
import type { VirtualHandle } from "../../ui/virtual_list.tsx";
import { itemOf, keyOf, rowOf } from "./log.ts";
import type { LogErrors } from "./log_search.ts";
import type { RunState } from "./run_state.ts";

export interface LogProps {
  readonly state: RunState;
  /** The selected item; it lives in the address. */
  readonly selected: string | null;
  readonly onSelect: (id: string | null) => void;
}

/** Where the reader is in the log: following its end or not, what is unfolded. */
export function createLogView(props: LogProps) {
  const log = props.state.log;
  const [follow, setFollow] = createSignal(props.state.live());
  const [seen, setSeen] = createSignal<number | null>(null);
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
  const letGo = () => {
    if (!untrack(follow)) return;
    setSeen(untrack(log).rows.length);
    setFollow(false);
  };
  /** Brings a row into view, and what is looked for within it: a row may be higher than the window. */
  const show = (index: number, within?: string) => {
    letGo();
    list?.scrollToIndex(index);
    if (!within) return;
    requestAnimationFrame(() =>
      document.querySelector(`[data-row="${index}"] ${within}`)?.scrollIntoView({ block: "center" }),
    );
  };
  const select = (index: number) => {
    const row = log().rows.at(index);
    if (!row) return;
    shown = keyOf(row.item);
    props.onSelect(shown);
  };
  const goTo = (index: number) => {
    select(index);
    show(index);
  };

  // A selection made elsewhere (the tree, the address) is brought into view.
  createEffect(
    on(
      () => [props.selected, props.state.ready()] as const,
      ([id]) => {
        if (id === null) shown = null;
        if (id === shown) return;
        const index = id ? untrack(() => rowOf(log(), id)) : -1;
        if (index < 0) return;
        shown = id;
        letGo();
        requestAnimationFrame(() => list?.scrollToIndex(index));
      },
    ),
  );

  return {
    follow,
    setFollow: (value: boolean) => {
      if (value) setFollow(true);
      else letGo();
    },
    /** Rows that came since the reader let go of the end. */
    fresh: () => (follow() ? 0 : log().rows.length - (seen() ?? log().rows.length)),
    isOpen: (id: string) => open().has(id),
    toggle: (id: string) => {
      setOpen((old) => {
        const next = new Set(old);
        if (!next.delete(id)) next.add(id);
        return next;
      });
    },
    unfold: (id: string) => setOpen((old) => new Set(old).add(id)),
    /** The first row in view. */
    eye: () => list?.eye() ?? 0,
    show,
    select,
    /** To the next item (1) or the one before (-1). */
    move: (step: 1 | -1) => {
      const { rows } = log();
      const item = props.selected ? itemOf(log(), props.selected) : undefined;
      const at = item ? rows.indexOf(item) : -1;
      const begin = at >= 0 ? at + step : step > 0 ? 0 : rows.length - 1;
      for (let i = begin; i >= 0 && i < rows.length; i += step) {
        if (rows.at(i)?.item !== item) return goTo(i);
      }
    },
    setHandle: (handle: VirtualHandle) => {
      list = handle;
    },
  };
}
export type LogView = ReturnType<typeof createLogView>;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** j, k, Enter, f, e, / and Esc, anywhere on the page but in fields and dialogs. */
export function createLogKeys(
  props: LogProps,
  view: LogView,
  errors: LogErrors,
  focusSearch: () => void,
): void {
  const actions: Readonly<Record<string, () => void>> = {
    j: () => view.move(1),
    k: () => view.move(-1),
    f: () => view.setFollow(!view.follow()),
    e: () => errors.next(1),
    E: () => errors.next(-1),
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
