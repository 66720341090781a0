import { type Accessor, createMemo, onCleanup, onMount, Show, untrack } from "solid-js";
import { SkeletonText } from "../../ui/feedback.tsx";
import { Icon } from "../../ui/icons.tsx";
import { loadMarkdown } from "../../ui/lazy_markdown.tsx";
import { VirtualList } from "../../ui/virtual_list.tsx";
import { keyOf, type LogRow } from "./log.ts";
import { LogRowView, PassingRowView } from "./log_row.tsx";
import { createLogErrors, createLogSearch } from "./log_search.ts";
import { LogToolbar } from "./log_toolbar.tsx";
import { createLogKeys, createLogView, type LogProps } from "./log_view.ts";
import { createRush } from "./rush.ts";
import { shownHits } from "./search.ts";

const CALL_HEIGHT = 28;
const LINE_HEIGHT = 22;
/** Time and padding beside the text of a wide screen. */
const MARGIN = 112;
const CHARACTER_WIDTH = 7;

function linesOf(text: string, width: number): number {
  const characters = Math.max(20, Math.floor(width / CHARACTER_WIDTH));
  let lines = 0;
  let from = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", from)) {
    lines += Math.max(1, Math.ceil((at - from) / characters));
    from = at + 1;
  }
  return lines + Math.ceil((text.length - from) / characters);
}

/** The stream: follows its end until the reader scrolls up, finds text and what went wrong. */
export function LogPane(props: LogProps) {
  const log = props.state.log;
  onMount(loadMarkdown);
  const view = createLogView(props);
  const search = createLogSearch(props.state, (index) => {
    const item = log().rows[index]?.item;
    if (item?.kind === "call") view.select(index);
    if (item?.kind === "call" && shownHits(item, search.text()) === 0) view.unfold(item.id);
    view.show(index, "[data-current]");
  });
  const errors = createLogErrors(props.state, (index) => {
    const item = log().rows[index]?.item;
    if (item?.kind !== "message") view.select(index);
    if (item?.kind === "call") view.unfold(item.id);
    view.show(index, "[data-error]");
  });
  const rush = createRush(() => log().rows.length);
  const calm = () => !(rush() && view.follow());
  let input: HTMLInputElement | undefined;
  createLogKeys(props, view, errors, () => input?.focus());

  // Places whose rows are passed on in this task: who stops following reads on in what stood there.
  const places = new Set<Accessor<LogRow>>();
  const row = (one: Accessor<LogRow>, index: Accessor<number>, View: typeof LogRowView) => {
    const seen = untrack(() => [...places].some((place) => place() === one()));
    // Calls are replaced when they end; messages grow in place and are read with each change of the log.
    const item = createMemo(() => {
      log();
      return one().item;
    });
    return (
      <View
        item={item()}
        block={one().block}
        index={index()}
        version={log}
        live={props.state.live()}
        calm={calm()}
        following={view.follow()}
        seen={seen}
        open={view.isOpen(keyOf(item()))}
        selected={props.selected !== null && props.selected === keyOf(item())}
        failed={log().errors.has(one())}
        search={search.text()}
        current={search.current()?.row === index() ? search.current()?.nth : undefined}
        onToggle={() => {
          view.toggle(keyOf(item()));
          props.onSelect(keyOf(item()));
        }}
      />
    );
  };
  const passing = (one: Accessor<LogRow>, index: Accessor<number>) => {
    const view = row(one, index, PassingRowView);
    places.add(one);
    onCleanup(() => queueMicrotask(() => places.delete(one)));
    return view;
  };
  const guess = ({ item, block }: LogRow, width: number) => {
    if (item.kind !== "message") return CALL_HEIGHT;
    const space = (block === 0 ? 8 : 0) + (block === item.blocks.length - 1 ? 8 : 0);
    return space + linesOf(item.blocks[block] ?? "", width - MARGIN) * LINE_HEIGHT;
  };
  const waiting = () =>
    props.state.live()
      ? "Waiting for the first event. It appears here the moment it happens."
      : "This run wrote nothing.";

  return (
    <div class="flex min-h-0 flex-1 flex-col">
      <LogToolbar
        view={view}
        search={search}
        errors={errors}
        live={props.state.live()}
        input={(element) => {
          input = element;
        }}
      />
      <div class="relative flex min-h-0 flex-1 flex-col">
        <Show when={props.state.ready()} fallback={<SkeletonText lines={10} />}>
          <Show when={log().rows.length > 0} fallback={<p class="p-4 text-muted">{waiting()}</p>}>
            <VirtualList
              rows={log().rows}
              label="Log of the run"
              estimate={30}
              guess={guess}
              class="flex-1"
              follow={view.follow()}
              onFollow={view.setFollow}
              handle={view.setHandle}
              recycled={calm() ? undefined : passing}
            >
              {(one, index) => row(() => one, index, LogRowView)}
            </VirtualList>
          </Show>
        </Show>
        <Show when={!view.follow() && props.state.live()}>
          <button
            type="button"
            class="btn btn-primary absolute bottom-4 left-1/2 -translate-x-1/2 !rounded-full shadow"
            onClick={() => view.setFollow(true)}
          >
            <Icon name="down" size={14} />
            Jump to live
            <Show when={view.fresh() > 0}>{` (${view.fresh().toLocaleString("en")} new)`}</Show>
          </button>
        </Show>
      </div>
    </div>
  );
}
