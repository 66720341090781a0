import { onMount, Show } from "solid-js";
import { SkeletonText } from "../../ui/feedback.tsx";
import { Icon } from "../../ui/icons.tsx";
import { loadMarkdown } from "../../ui/lazy_markdown.tsx";
import { VirtualList } from "../../ui/virtual_list.tsx";
import type { LogRow } from "./log.ts";
import { createLogRows } from "./log_rows.tsx";
import { createLogErrors, createLogSearch } from "./log_search.ts";
import { LogToolbar } from "./log_toolbar.tsx";
import { createLogKeys, createLogView, type LogProps } from "./log_view.ts";
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
  const search = createLogSearch(props.state, view.eye, (index) => {
    const item = log().rows.at(index)?.item;
    if (item?.kind === "call") view.select(index);
    if (item?.kind === "call" && shownHits(item, search.text()) === 0) view.unfold(item.id);
    view.show(index, "[data-current]");
  });
  const errors = createLogErrors(props.state, (index) => {
    const item = log().rows.at(index)?.item;
    if (item?.kind !== "message") view.select(index);
    if (item?.kind === "call") view.unfold(item.id);
    view.show(index, "[data-error]");
  });
  const calm = () => !(props.state.rush() && view.follow());
  let input: HTMLInputElement | undefined;
  createLogKeys(props, view, errors, () => input?.focus());

  const { row, tail } = createLogRows(props, view, search, calm);
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
              tail={calm() ? undefined : tail}
            >
              {row}
            </VirtualList>
          </Show>
        </Show>
        {/* What came until the end of a run is unread after it as well. */}
        <Show when={!view.follow() && (props.state.live() || view.fresh() > 0)}>
          <button
            type="button"
            class="btn btn-primary absolute bottom-4 left-1/2 -translate-x-1/2 !rounded-full shadow"
            onClick={() => view.setFollow(true)}
          >
            <Icon name="down" size={14} />
            {props.state.live() ? "Jump to live" : "Jump to the end"}
            <Show when={view.fresh() > 0}>{` (${view.fresh().toLocaleString("en")} new)`}</Show>
          </button>
        </Show>
      </div>
    </div>
  );
}
