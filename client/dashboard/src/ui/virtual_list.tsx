import { createEffect, createMemo, createSignal, For, type JSX, on, onCleanup, onMount } from "solid-js";
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

/** Renders the rows in view only. Rows keep their DOM while they stay in view. */
export function VirtualList<T>(props: Props<T>) {
  let scroller!: HTMLDivElement;
  let content!: HTMLDivElement;
  let lastTop = 0;
  const heights = new Heights(props.estimate);
  const [top, setTop] = createSignal(0);
  const [height, setHeight] = createSignal(800);
  const [layout, setLayout] = createSignal(0);

  const range = createMemo(
    () => {
      layout();
      heights.resize(props.rows.length);
      const first = heights.indexAt(Math.max(0, top() - OVERSCAN));
      const last = Math.min(props.rows.length, heights.indexAt(top() + height() + OVERSCAN) + 1);
      return { first, last, offset: heights.offset(first), total: heights.total() };
    },
    undefined,
    {
      equals: (a, b) =>
        a.first === b.first && a.last === b.last && a.offset === b.offset && a.total === b.total,
    },
  );
  const slice = createMemo(() => props.rows.slice(range().first, range().last));

  const scrollTo = (y: number) => {
    scroller.scrollTop = y;
    lastTop = scroller.scrollTop;
    setTop(lastTop);
  };
  const toEnd = () => scrollTo(scroller.scrollHeight);

  // Rows above the reader that turn out higher or lower than guessed must not move what is being read.
  const measureAll = () => {
    if (props.fixed) return;
    let above = 0;
    let changed = false;
    for (const [nth, child] of [...content.children].entries()) {
      const index = range().first + nth;
      const start = heights.offset(index);
      const delta = heights.measure(index, child.getBoundingClientRect().height);
      if (delta !== 0) changed = true;
      if (delta !== 0 && start < lastTop) above += delta;
    }
    if (!changed) return;
    setLayout((value) => value + 1);
    if (props.follow) toEnd();
    else if (above !== 0) scrollTo(lastTop + above);
  };
  const observer = new ResizeObserver(() => measureAll());
  onCleanup(() => observer.disconnect());

  onMount(() => {
    const size = new ResizeObserver(() => setHeight(scroller.clientHeight));
    size.observe(scroller);
    onCleanup(() => size.disconnect());
    props.handle?.({
      scrollToEnd: toEnd,
      scrollToIndex: (index) => {
        const start = heights.offset(index);
        const end = heights.offset(index + 1);
        if (start < lastTop) scrollTo(start);
        else if (end > lastTop + scroller.clientHeight) scrollTo(end - scroller.clientHeight);
      },
    });
  });

  createEffect(
    on([slice], () => {
      observer.disconnect();
      for (const child of content.children) observer.observe(child);
    }),
  );
  createEffect(
    on([() => range().total, () => props.follow], () => {
      if (props.follow) toEnd();
    }),
  );
  createEffect(() => {
    if (range().last >= props.rows.length - 10) props.onNearEnd?.();
  });

  const onScroll = () => {
    const now = scroller.scrollTop;
    const fromEnd = scroller.scrollHeight - scroller.clientHeight - now;
    if (now < lastTop - 1 && fromEnd > AT_END) props.onFollow?.(false);
    else if (fromEnd <= 2 && now > lastTop) props.onFollow?.(true);
    lastTop = now;
    setTop(now);
  };

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <div
      ref={scroller}
      class={`overflow-auto ${props.class ?? ""}`}
      onScroll={onScroll}
      tabindex="0"
      role="group"
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
    </div>
  );
}
