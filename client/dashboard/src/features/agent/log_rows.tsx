import { type Accessor, createMemo, type JSX, onCleanup } from "solid-js";
import { keyOf, type LogRow } from "./log.ts";
import { createLogCanvas } from "./log_canvas.ts";
import { LogRowView } from "./log_row.tsx";
import type { LogSearchState } from "./log_search.ts";
import { LogTail, TIME } from "./log_tail.tsx";
import type { LogProps, LogView } from "./log_view.ts";

interface LogRows {
  readonly row: (row: LogRow, index: Accessor<number>) => JSX.Element;
  /** The last ones, at least so many px of them, while more comes than anybody reads. */
  readonly tail: (height: Accessor<number>) => JSX.Element;
}

/** How the rows of a log are drawn; `calm` is false while more comes than anybody reads. */
export function createLogRows(
  props: LogProps,
  view: LogView,
  search: LogSearchState,
  calm: () => boolean,
): LogRows {
  const { log } = props.state;
  const isSelected = ({ item }: LogRow) => props.selected !== null && props.selected === keyOf(item);
  // What stands in the tail: who stops following reads on in it.
  const passing = new Map<LogRow, unknown>();
  const canvas = createLogCanvas(TIME);
  onCleanup(canvas.dispose);
  const row = (one: LogRow, index: Accessor<number>) => {
    const seen = passing.has(one);
    // Calls are replaced when they end; messages grow in place and are read with each change of the log.
    const item = createMemo(() => {
      log();
      return one.item;
    });
    return (
      <LogRowView
        item={item()}
        block={one.block}
        index={index()}
        version={log}
        live={props.state.live()}
        calm={calm()}
        following={view.follow()}
        seen={seen}
        open={view.isOpen(keyOf(item()))}
        selected={isSelected(one)}
        failed={log().errors.has(one)}
        search={search.text()}
        current={search.current()?.row === index() ? search.current()?.nth : undefined}
        onToggle={() => {
          view.toggle(keyOf(item()));
          props.onSelect(keyOf(item()));
        }}
      />
    );
  };
  const isPlain = (one: LogRow) => {
    const { item } = one;
    if (item.kind !== "message" || item.role !== "assistant" || item.contentId !== null) return false;
    return !search.text() && !log().errors.has(one);
  };
  const tail = (height: Accessor<number>) => (
    <LogTail
      rows={log().rows}
      height={height()}
      version={log}
      plain={isPlain}
      selected={isSelected}
      other={row}
      live={props.state.live()}
      drawn={passing}
      canvas={canvas}
    />
  );
  return { row, tail };
}
