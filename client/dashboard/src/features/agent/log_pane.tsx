import { createEffect, createMemo, createSignal, on, onCleanup, Show } from "solid-js";
import { SkeletonText } from "../../ui/feedback.tsx";
import { plural } from "../../ui/format.ts";
import { Icon } from "../../ui/icons.tsx";
import { type VirtualHandle, VirtualList } from "../../ui/virtual_list.tsx";
import { LogRowView } from "./log_row.tsx";
import type { RunState } from "./run_state.ts";
import { findRows } from "./search.ts";

interface Props {
  readonly state: RunState;
  readonly selected: string | null;
  readonly onSelect: (id: string | null) => void;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable)
  );
}

/** The stream: follows its end until the reader scrolls up, and finds text. */
export function LogPane(props: Props) {
  const log = () => props.state.log;
  const [follow, setFollow] = createSignal(props.state.live());
  const [seen, setSeen] = createSignal(0);
  const [open, setOpen] = createSignal<ReadonlySet<string>>(new Set());
  const [search, setSearch] = createSignal("");
  const [hit, setHit] = createSignal(0);
  let list: VirtualHandle | undefined;
  let input!: HTMLInputElement;

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
  const letGo = (value: boolean) => {
    if (!value) setSeen(log().rows.length);
    setFollow(value);
  };
  const fresh = () => log().rows.length - seen();

  const hits = createMemo(() => findRows(log(), search()));
  const goTo = (index: number | undefined) => {
    const row = index === undefined ? undefined : log().rows[index];
    if (!row || index === undefined) return;
    setFollow(false);
    props.onSelect(row.item);
    list?.scrollToIndex(index);
  };
  const nextHit = (step: number) => {
    if (hits().length === 0) return;
    const next = (hit() + step + hits().length) % hits().length;
    setHit(next);
    goTo(hits()[next]);
  };
  createEffect(on(search, (text) => text && (setHit(0), goTo(hits()[0])), { defer: true }));

  const move = (step: number) => {
    const rows = log().rows;
    const at = rows.findIndex((row) => row.item === props.selected);
    for (
      let i = at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step;
      i >= 0 && i < rows.length;
      i += step
    ) {
      if (rows[i]?.item !== props.selected) return goTo(i);
    }
  };
  const toggle = (id: string) => {
    setOpen((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector("[role=dialog]")) return;
    if (event.key === "Escape" && isTyping(event.target)) return;
    if (isTyping(event.target)) return;
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "f") letGo(!follow());
    else if (event.key === "/") input.focus();
    else if (event.key === "Escape") props.onSelect(null);
    else if (event.key === "Enter" && props.selected && !(event.target instanceof HTMLButtonElement))
      toggle(props.selected);
    else return;
    event.preventDefault();
  };
  document.addEventListener("keydown", onKey);
  onCleanup(() => document.removeEventListener("keydown", onKey));

  // A selection made elsewhere (the tree, the address) is brought into view.
  createEffect(
    on(
      () => [props.selected, props.state.ready()] as const,
      ([id]) => {
        const index = id ? log().rows.findIndex((row) => row.item === id) : -1;
        if (index < 0) return;
        setFollow(false);
        requestAnimationFrame(() => list?.scrollToIndex(index));
      },
    ),
  );

  return (
    <div class="flex min-h-0 flex-1 flex-col">
      <div class="flex h-9 shrink-0 items-center gap-2 border-b border-line px-3">
        <Icon name="search" class="text-muted" size={14} />
        <input
          ref={input}
          type="search"
          class="min-w-0 flex-1 bg-transparent outline-none placeholder:text-faint"
          placeholder="Search the log"
          aria-label="Search the log"
          onInput={(event) => setSearch(event.currentTarget.value.trim())}
          onKeyDown={(event) => {
            if (event.key === "Enter") nextHit(event.shiftKey ? -1 : 1);
            if (event.key === "Escape") {
              event.currentTarget.value = "";
              setSearch("");
              event.currentTarget.blur();
            }
          }}
        />
        <Show when={search()}>
          <span class="text-xs text-muted" role="status">
            {hits().length === 0 ? "no match" : `${hit() + 1} of ${hits().length}`}
          </span>
          <button
            type="button"
            class="btn btn-quiet btn-icon"
            aria-label="Previous match"
            onClick={() => nextHit(-1)}
          >
            <Icon name="up" size={14} />
          </button>
          <button
            type="button"
            class="btn btn-quiet btn-icon"
            aria-label="Next match"
            onClick={() => nextHit(1)}
          >
            <Icon name="down" size={14} />
          </button>
        </Show>
        <Show when={props.state.live()}>
          <button
            type="button"
            class={`btn !h-6 !px-2 text-xs ${follow() ? "!border-transparent bg-run-soft text-run" : ""}`}
            aria-pressed={follow()}
            title="Follow the end (f)"
            onClick={() => letGo(!follow())}
          >
            Follow
          </button>
        </Show>
      </div>
      <div class="relative flex min-h-0 flex-1 flex-col">
        <Show when={props.state.ready()} fallback={<SkeletonText lines={10} />}>
          <Show
            when={log().rows.length > 0}
            fallback={
              <p class="p-4 text-muted">
                {props.state.live()
                  ? "Waiting for the first event. It appears here the moment it happens."
                  : "This run wrote nothing."}
              </p>
            }
          >
            <VirtualList
              rows={log().rows}
              label="Log of the run"
              estimate={30}
              class="flex-1 py-1"
              follow={follow()}
              onFollow={letGo}
              handle={(handle) => {
                list = handle;
              }}
            >
              {(row) => (
                <Show when={log().items[row.item]}>
                  {(item) => (
                    <LogRowView
                      item={item()}
                      block={row.block}
                      live={props.state.live()}
                      open={open().has(row.item)}
                      selected={props.selected === row.item}
                      search={search()}
                      onToggle={() => {
                        toggle(row.item);
                        props.onSelect(row.item);
                      }}
                    />
                  )}
                </Show>
              )}
            </VirtualList>
          </Show>
        </Show>
        <Show when={!follow() && props.state.live()}>
          <button
            type="button"
            class="btn btn-primary absolute bottom-4 left-1/2 -translate-x-1/2 !rounded-full shadow"
            onClick={() => letGo(true)}
          >
            <Icon name="down" size={14} />
            Jump to live
            <Show when={fresh() > 0}>{` (${plural(fresh(), "new", "new")})`}</Show>
          </button>
        </Show>
      </div>
    </div>
  );
}
