import {
  createEffect,
  createMemo,
  createSignal,
  For,
  type JSX,
  on,
  onCleanup,
  onMount,
  type Setter,
} from "solid-js";
import { Heights } from "./heights.ts";

export interface VirtualHandle {
  scrollToIndex(index: number): void;
  scrollToEnd(): void;
}

interface Props<T> {
  readonly rows: readonly T[];
  readonly label: string;
  /** Height of a row in px: exact when `fixed`, a first guess otherwise. */
  readonly estimate: number;
  readonly fixed?: boolean;
  readonly class?: string;
  /** Keep the end in view. */
  readonly follow?: boolean;
  /** The reader scrolled away from the end (false) or back to it (true). */
  readonly onFollow?: (follow: boolean) => void;
  /** The end comes near: load more. */
  readonly onNearEnd?: () => void;
  readonly handle?: (handle: VirtualHandle) => void;
  readonly children: (row: T, index: () => number) => JSX.Element;
}

const OVERSCAN = 400;
const AT_END = 24;

/** The scrolled element and where it stands; writes go through here, so that they are told from the reader's. */
function createScroller(setTop: Setter<number>) {
  const state = { element: undefined as HTMLDivElement | undefined, top: 0 };
  const scrollTo = (y: number) => {
    if (!state.element) return;
    state.element.scrollTop = y;
    state.top = state.element.scrollTop;
    setTop(state.top);
  };
  return { state, scrollTo, toEnd: () => scrollTo(state.element?.scrollHeight ?? 0) };
}

/** Renders the rows in view only. Rows keep their DOM while they stay in view. */
export function VirtualList<T>(props: Props<T>) {
  let content!: HTMLDivElement;
  const heights = new Heights(props.estimate);
  const [top, setTop] = createSignal(0);
  const [height, setHeight] = createSignal(800);
  const [layout, setLayout] = createSignal(0);
  const { state, scrollTo, toEnd } = createScroller(setTop);

  const range = createMemo(() => {
    layout();
    heights.resize(props.rows.length);
    const first = heights.indexAt(Math.max(0, top() - OVERSCAN));
    const last = Math.min(props.rows.length, heights.indexAt(top() + height() + OVERSCAN) + 1);
    return { first, last, offset: heights.offset(first), total: heights.total() };
  });
  const slice = createMemo(() => props.rows.slice(range().first, range().last));

  // Rows above the reader that turn out higher or lower than guessed must not move what is being read.
  const measure = () => {
    let above = 0;
    let changed = false;
    for (const [nth, child] of [...content.children].entries()) {
      const start = heights.offset(range().first + nth);
      const delta = heights.measure(range().first + nth, child.getBoundingClientRect().height);
      changed ||= delta !== 0;
      if (start < state.top) above += delta;
    }
    if (!changed) return;
    setLayout((value) => value + 1);
    if (props.follow) toEnd();
    else if (above !== 0) scrollTo(state.top + above);
  };
  const observer = new ResizeObserver(() => !props.fixed && measure());
  createEffect(
    on(slice, () => {
      observer.disconnect();
      for (const child of content.children) observer.observe(child);
    }),
  );
  onMount(() => {
    const size = new ResizeObserver(() => setHeight(state.element?.clientHeight ?? 0));
    if (state.element) size.observe(state.element);
    onCleanup(() => {
      size.disconnect();
      observer.disconnect();
    });
    props.handle?.({ scrollToEnd: toEnd, scrollToIndex: (index) => reveal(heights, state, scrollTo, index) });
  });
  createEffect(on([() => range().total, () => props.follow], () => props.follow && toEnd()));
  createEffect(() => range().last >= props.rows.length - 10 && props.onNearEnd?.());

  const onScroll = (event: { currentTarget: HTMLDivElement | HTMLElement }) => {
    const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
    const fromEnd = scrollHeight - clientHeight - scrollTop;
    if (scrollTop < state.top - 1 && fromEnd > AT_END) props.onFollow?.(false);
    else if (fromEnd <= 2 && scrollTop > state.top) props.onFollow?.(true);
    state.top = scrollTop;
    setTop(scrollTop);
  };
  return (
    <section
      ref={(element) => {
        state.element = element as HTMLDivElement;
      }}
      class={`overflow-auto ${props.class ?? ""}`}
      onScroll={onScroll}
      tabindex="0"
      aria-label={props.label}
    >
      <div class="relative w-full" style={{ height: `${range().total}px` }}>
        <div
          ref={content}
          class="absolute top-0 left-0 w-full"
          style={{ transform: `translateY(${range().offset}px)` }}
        >
          <For each={slice()}>{(row, index) => props.children(row, () => range().first + index())}</For>
        </div>
      </div>
    </section>
  );
}

/** Scrolls as little as needed to show the row. */
function reveal(
  heights: Heights,
  state: { element: HTMLElement | undefined; top: number },
  scrollTo: (y: number) => void,
  index: number,
): void {
  const visible = state.element?.clientHeight ?? 0;
  const start = heights.offset(index);
  const end = heights.offset(index + 1);
  if (start < state.top) scrollTo(start);
  else if (end > state.top + visible) scrollTo(end - visible);
}
