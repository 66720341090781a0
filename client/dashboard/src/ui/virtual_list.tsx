import { type Accessor, createEffect, For, type JSX, onCleanup, onMount, Show } from "solid-js";
import { createPlace } from "./virtual_place.ts";
import { createRange, type ListProps, OVERSCAN_FOLLOWING } from "./virtual_range.ts";

export interface VirtualHandle {
  /** Scrolls as little as needed to show the row. */
  scrollToIndex(index: number): void;
  /** The first row in view. */
  eye(): number;
}

interface Props<T> extends ListProps<T> {
  readonly label: string;
  readonly class?: string;
  /** The end comes near: load more. */
  readonly onNearEnd?: () => void;
  readonly handle?: (handle: VirtualHandle) => void;
  readonly children: (row: T, index: Accessor<number>) => JSX.Element;
  /**
   * Draws the last rows, at least `height` px of them, while the end of a long list is followed: for rows that leave
   * as fast as they come. They are not measured.
   */
  readonly tail?: ((height: Accessor<number>) => JSX.Element) | undefined;
}

/**
 * A row that leaves takes the focus with it, to the top of the page: then the list has it, which it can be scrolled
 * with. Browsers do not agree on whether what is removed tells of it.
 */
function createFocus(drawn: () => unknown, scroller: () => HTMLElement) {
  let focused: HTMLElement | null = null;
  createEffect(() => {
    drawn();
    if (!focused || focused.isConnected) return;
    focused = null;
    if (document.activeElement === document.body) scroller().focus({ preventScroll: true });
  });
  return {
    entered: ({ target }: FocusEvent) => {
      focused = target as HTMLElement;
    },
    // What is removed says it while it still stands there.
    left: ({ target }: FocusEvent) =>
      queueMicrotask(() => {
        if (focused === target && focused?.isConnected) focused = null;
      }),
  };
}

/**
 * Renders the rows in view only. Rows keep their DOM while they stay in view. A long list whose end is followed
 * hangs its rows from its end: then they need not be measured before they are drawn, and nothing is scrolled,
 * either of which would make the browser lay out every change twice.
 */
export function VirtualList<T>(props: Props<T>) {
  let scroller!: HTMLElement;
  let area!: HTMLDivElement;
  let content!: HTMLDivElement;
  const view = createRange(props);
  const { range, hanging, slice } = view;
  const place = createPlace(props, view, () => ({ scroller, area, content }));
  const viewport = new ResizeObserver(() => view.resize(scroller));
  onCleanup(() => viewport.disconnect());
  onMount(() => {
    view.resize(scroller);
    viewport.observe(scroller);
    props.handle?.({ scrollToIndex: place.scrollToIndex, eye: view.eye });
  });
  const focus = createFocus(
    () => [slice(), hanging(), props.tail, props.rows.length],
    () => scroller,
  );
  createEffect(() => range().last >= props.rows.length - 10 && props.onNearEnd?.());
  return (
    <section
      ref={scroller}
      class={`overflow-auto [contain:layout_paint_style] [overflow-anchor:none] ${props.fixed ? "" : "[scrollbar-gutter:stable]"} ${props.class ?? ""}`}
      onScroll={place.scrolled}
      onFocusIn={focus.entered}
      onFocusOut={focus.left}
      tabindex="0"
      aria-label={props.label}
    >
      {/* What is not measured yet may stick out: it must not make the scrolled area longer. */}
      <div ref={area} class="relative w-full overflow-hidden">
        <div
          ref={content}
          class={`absolute left-0 w-full ${hanging() ? "bottom-0" : "top-0"}`}
          style={{ transform: hanging() ? undefined : `translateY(${range().offset}px)` }}
        >
          <Show
            when={hanging() && props.tail}
            fallback={
              <For each={slice()}>{(row, index) => props.children(row, () => range().first + index())}</For>
            }
          >
            {(tail) => tail()(() => view.height() + OVERSCAN_FOLLOWING)}
          </Show>
        </div>
      </div>
    </section>
  );
}
