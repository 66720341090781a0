import { Show } from "solid-js";
import { plural } from "../../ui/format.ts";
import { Icon } from "../../ui/icons.tsx";
import type { LogErrors, LogSearchState } from "./log_search.ts";
import type { LogView } from "./log_view.ts";

interface Props {
  readonly view: LogView;
  readonly search: LogSearchState;
  readonly errors: LogErrors;
  readonly live: boolean;
  readonly input: (element: HTMLInputElement) => void;
}

/** Search in the log, the way to what went wrong, and whether the end is followed. */
export function LogToolbar(props: Props) {
  const onKey = (event: KeyboardEvent & { currentTarget: HTMLInputElement }) => {
    if (event.key === "Enter") props.search.next(event.shiftKey ? -1 : 1);
    if (event.key !== "Escape") return;
    event.currentTarget.value = "";
    props.search.setText("");
    event.currentTarget.blur();
  };
  return (
    <div class="flex h-9 shrink-0 items-center gap-2 border-b border-line px-3">
      <Icon name="search" class="text-muted" size={14} />
      <input
        ref={props.input}
        type="search"
        class="min-w-0 flex-1 bg-transparent outline-none placeholder:text-faint"
        placeholder="Search the log"
        aria-label="Search the log"
        onInput={(event) => props.search.setText(event.currentTarget.value.trim())}
        onKeyDown={onKey}
      />
      <Show when={props.search.text()}>
        <span class="text-xs whitespace-nowrap text-muted" role="status">
          {props.search.label()}
        </span>
        <button
          type="button"
          class="btn btn-quiet btn-icon"
          aria-label="Previous match"
          onClick={() => props.search.next(-1)}
        >
          <Icon name="up" size={14} />
        </button>
        <button
          type="button"
          class="btn btn-quiet btn-icon"
          aria-label="Next match"
          onClick={() => props.search.next(1)}
        >
          <Icon name="down" size={14} />
        </button>
      </Show>
      <Show when={props.errors.count() > 0}>
        <button
          type="button"
          class="btn btn-danger !h-6 !px-2 text-xs"
          title="To the next error (e), to the one before (Shift e)"
          onClick={(event) => props.errors.next(event.shiftKey ? -1 : 1)}
        >
          <Icon name="warn" size={12} />
          {plural(props.errors.count(), "error")}
        </button>
      </Show>
      <Show when={props.live}>
        <button
          type="button"
          class={`btn !h-6 !px-2 text-xs ${props.view.follow() ? "!border-transparent bg-run-soft text-run" : ""}`}
          aria-pressed={props.view.follow()}
          title="Follow the end (f)"
          onClick={() => props.view.setFollow(!props.view.follow())}
        >
          Follow
        </button>
      </Show>
    </div>
  );
}
