import { Show } from "solid-js";
import { SkeletonText } from "../../ui/feedback.tsx";
import { Icon } from "../../ui/icons.tsx";
import { VirtualList } from "../../ui/virtual_list.tsx";
import type { LogRow } from "./log.ts";
import { LogRowView } from "./log_row.tsx";
import { LogToolbar } from "./log_toolbar.tsx";
import { createLogKeys, createLogSearch, createLogView, type LogProps } from "./log_view.ts";

const CALL_HEIGHT = 28;
const LINE_HEIGHT = 22;
const MESSAGE_SPACE = 16;
const LINE_WIDTH = 64;

function linesOf(text: string): number {
  let lines = 0;
  for (const line of text.split("\n")) lines += Math.max(1, Math.ceil(line.length / LINE_WIDTH));
  return lines;
}

/** The stream: follows its end until the reader scrolls up, and finds text. */
export function LogPane(props: LogProps) {
  const log = () => props.state.log;
  const view = createLogView(props);
  const search = createLogSearch(props.state, view.goTo);
  let input: HTMLInputElement | undefined;
  createLogKeys(props, view, () => input?.focus());

  const row = (one: LogRow, index: () => number) => (
    <div data-row={index()}>
      <Show when={log().items[one.item]}>
        {(item) => (
          <LogRowView
            item={item()}
            block={one.block}
            live={props.state.live()}
            open={view.isOpen(one.item)}
            selected={props.selected === one.item}
            search={search.text()}
            onToggle={() => {
              view.toggle(one.item);
              props.onSelect(one.item);
            }}
          />
        )}
      </Show>
    </div>
  );
  const guess = (one: LogRow) => {
    const item = log().items[one.item];
    if (item?.kind !== "message") return CALL_HEIGHT;
    return MESSAGE_SPACE + linesOf(item.blocks[one.block] ?? "") * LINE_HEIGHT;
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
            >
              {row}
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
