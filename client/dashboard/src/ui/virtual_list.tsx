import { createEffect, createMemo, createSignal, For, type JSX, on, onCleanup, onMount } from "solid-js";
import { Heights } from "./heights.ts";

export interface VirtualHandle {
  /** Scrolls as little as needed to show the row. */
  scrollToIndex(index: number): void;
}

interface Props<T> {
  readonly rows: readonly T[];
  readonly label: string;
  /** Height of a row in px: exact when `fixed`, a first guess otherwise. */
  readonly estimate: number;
  readonly fixed?: boolean;
  /** A better first guess than the estimate, so that scrolling back lands where it aimed. */
  readonly guess?: (row: T) => number;
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

const ROUNDS = 8;

/**
 * Measuring changes what is in view, which is measured again. Heights that never agree (a row whose height
 * depends on whether it is scrolled) must not hold the page: after some rounds the next frame goes on.
 */
function createSettle(): (again: () => void) => boolean {
  let rounds = 0;
  let frame = 0;
  onCleanup(() => cancelAnimationFrame(frame));
  return (again) => {
    rounds += 1;
    if (rounds === 1 || rounds === ROUNDS) {
      const retry = rounds === ROUNDS;
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        rounds = 0;
        if (retry) again();
      });
    }
    return rounds < ROUNDS;
  };
}

/** Renders the rows in view only. Rows keep their DOM while they stay in view. */
export function VirtualList<T>(props: Props<T>) {
  let scroller!: HTMLElement;
  let content!: HTMLDivElement;
  let lastTop = 0;
  let shift = 0;
  const heights = new Heights(props.estimate);
  const guess = (index: number) => {
    const row = props.rows[index];
    return row !== undefined && props.guess ? props.guess(row) : props.estimate;
  };
  const [top, setTop] = createSignal(0);
  const [height, setHeight] = createSignal(800);
  const [layout, setLayout] = createSignal(0);

  const range = createMemo(() => {
    layout();
    heights.resize(props.rows.length, guess);
    const first = heights.indexAt(Math.max(0, top() - OVERSCAN));
    const last = Math.min(props.rows.length, heights.indexAt(top() + height() + OVERSCAN) + 1);
    return { first, last, offset: heights.offset(first), total: heights.total() };
  });
  const total = createMemo(() => range().total);
  const slice = createMemo(() => props.rows.slice(range().first, range().last));

  const scrollTo = (y: number) => {
    scroller.scrollTop = y;
    lastTop = scroller.scrollTop;
    setTop(lastTop);
  };
  const settle = createSettle();
  const measure = () => {
    // Behind another tab everything is 0 px high, which must not be remembered as the rows' heights.
    if (props.fixed || scroller.clientHeight === 0 || !settle(measure)) return;
    let changed = false;
    const { first } = range();
    for (const [nth, child] of [...content.children].entries()) {
      const start = heights.offset(first + nth);
      const delta = heights.measure(first + nth, child.getBoundingClientRect().height);
      changed ||= delta !== 0;
      if (start < lastTop) shift += delta;
    }
    if (changed) setLayout((value) => value + 1);
  };
  const rows = new ResizeObserver(measure);
  const viewport = new ResizeObserver(() => setHeight(scroller.clientHeight));
  onCleanup(() => {
    rows.disconnect();
    viewport.disconnect();
  });
  onMount(() => {
    viewport.observe(scroller);
    props.handle?.({
      scrollToIndex: (index) => {
        const end = heights.offset(index + 1);
        if (heights.offset(index) < lastTop) scrollTo(heights.offset(index));
        else if (end > lastTop + scroller.clientHeight) scrollTo(end - scroller.clientHeight);
      },
    });
  });

  // Measured before the paint, in the task that changed the rows; the observer is for what grows later.
  createEffect(
    on(slice, () => {
      rows.disconnect();
      for (const child of content.children) rows.observe(child);
      measure();
    }),
  );
  // The element has its new height now. Rows above that turned out higher or lower must not move what is read.
  createEffect(
    on([total, layout, height, () => props.follow], () => {
      const by = shift;
      shift = 0;
      if (props.follow) scrollTo(total() - scroller.clientHeight);
      else if (by !== 0) scrollTo(lastTop + by);
    }),
  );
  createEffect(() => range().last >= props.rows.length - 10 && props.onNearEnd?.());

  const onScroll = () => {
    const { scrollTop, clientHeight } = scroller;
    const fromEnd = total() - clientHeight - scrollTop;
    if (scrollTop < lastTop - 1 && fromEnd > AT_END) props.onFollow?.(false);
    else if (fromEnd <= 2 && scrollTop > lastTop) props.onFollow?.(true);
    lastTop = scrollTop;
    setTop(scrollTop);
  };
  return (
    <section
      ref={scroller}
      class={`overflow-auto ${props.fixed ? "" : "[scrollbar-gutter:stable]"} ${props.class ?? ""}`}
      onScroll={onScroll}
      tabindex="0"
      aria-label={props.label}
    >
      {/* What is not measured yet may stick out: it must not make the scrolled area longer. */}
      <div class="relative w-full overflow-hidden" style={{ height: `${total()}px` }}>
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
