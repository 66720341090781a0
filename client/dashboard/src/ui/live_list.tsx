import { type JSX, Show } from "solid-js";
import type { Pages } from "../api/pages.ts";
import { ProblemNote, SkeletonRows } from "./feedback.tsx";
import { plural } from "./format.ts";
import { Icon } from "./icons.tsx";
import { type VirtualHandle, VirtualList } from "./virtual_list.tsx";

interface Props<T> {
  readonly pages: Pages<T>;
  readonly label: string;
  /** The word for a row, e.g. "run". */
  readonly noun: string;
  readonly many?: string;
  readonly rowHeight?: number;
  readonly empty: JSX.Element;
  readonly denied?: JSX.Element;
  readonly children: (row: T) => JSX.Element;
}

/** j and k move between rows, as the arrows do; Enter opens, as on any link. */
function onKey(list: HTMLElement, event: KeyboardEvent): void {
  const step = ["j", "ArrowDown"].includes(event.key) ? 1 : ["k", "ArrowUp"].includes(event.key) ? -1 : 0;
  if (step === 0 || event.metaKey || event.ctrlKey || event.altKey) return;
  const links = [...list.querySelectorAll<HTMLElement>("a.row, .row a[data-list-link]")];
  const at = links.indexOf(document.activeElement as HTMLElement);
  const next = links[at + step] ?? (at < 0 ? links[0] : undefined);
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** The rows of a page that stays live. */
export function LiveList<T extends { id: string }>(props: Props<T>) {
  let handle: VirtualHandle | undefined;
  let area!: HTMLDivElement;
  // New rows are above all others; the button, which may have the focus, goes.
  const showWaiting = () => {
    props.pages.showWaiting();
    handle?.scrollToIndex(0);
    area.querySelector<HTMLElement>("section.list")?.focus({ preventScroll: true });
  };
  return (
    <div
      ref={(list) => {
        area = list;
        list.addEventListener("keydown", (event) => onKey(list, event));
      }}
      class="relative flex min-h-0 flex-1 flex-col border-t border-line bg-panel"
    >
      <Show when={props.pages.waiting() > 0}>
        <button
          type="button"
          class="btn btn-primary absolute top-2 left-1/2 z-10 -translate-x-1/2 !rounded-full shadow"
          onClick={showWaiting}
        >
          <Icon name="up" size={14} />
          {plural(props.pages.waiting(), `new ${props.noun}`, `new ${props.many ?? `${props.noun}s`}`)}
        </button>
      </Show>
      <Show when={props.pages.problem()}>
        {(problem) => <ProblemNote problem={problem()} retry={props.pages.reload} />}
      </Show>
      <Show when={props.pages.ready()} fallback={<SkeletonRows rows={12} />}>
        <Show when={!props.pages.denied()} fallback={props.denied}>
          <Show
            when={props.pages.rows.length > 0}
            fallback={<Show when={!props.pages.problem()}>{props.empty}</Show>}
          >
            <VirtualList
              rows={props.pages.rows}
              label={props.label}
              estimate={props.rowHeight ?? 36}
              fixed
              class="list flex-1"
              onNearEnd={props.pages.more}
              handle={(given) => {
                handle = given;
              }}
            >
              {props.children}
            </VirtualList>
          </Show>
        </Show>
      </Show>
    </div>
  );
}
