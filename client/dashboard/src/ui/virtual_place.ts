import { batch, createEffect, on, onCleanup } from "solid-js";
import type { ListProps, View } from "./virtual_range.ts";

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

interface Elements {
  readonly scroller: HTMLElement;
  /** As high as all rows together. */
  readonly area: HTMLElement;
  readonly content: HTMLElement;
}

/**
 * Where the list is scrolled to. `shift` is what has to be scrolled so that the same rows stay under the eye when
 * those above turned out higher or lower than guessed.
 */
function createScroll<T>(props: ListProps<T>, view: View<T>, elements: () => Elements) {
  const { heights, range, spacer, height } = view;
  let lastTop = 0;
  let shift = 0;
  const scrollTo = (y: number) => {
    const { scroller, area } = elements();
    // Nothing can be scrolled into what the area has not grown by yet.
    area.style.height = `${spacer()}px`;
    scroller.scrollTop = y;
    lastTop = scroller.scrollTop;
    view.setTop(lastTop);
  };
  const record = (): boolean => {
    const { scroller, content } = elements();
    // Behind another tab everything is 0 px high, which must not be remembered as the rows' heights.
    if (props.fixed || scroller.clientHeight === 0) return false;
    let changed = false;
    const { first } = range();
    for (const [nth, child] of [...content.children].entries()) {
      const index = first + nth;
      const top = lastTop + shift + view.moved();
      // A row across the upper edge that was guessed wrong is read from below; one that grows, grows at its end.
      const above = heights.offset(heights.isMeasured(index) ? index + 1 : index) <= top;
      const delta = heights.measure(index, child.getBoundingClientRect().height);
      changed ||= delta !== 0;
      if (above && !props.follow) shift += delta;
    }
    return changed;
  };
  return {
    /** Takes the heights of the rows over; whether one was other than known. */
    record,
    /** What hung stands where it is measured to be, at the same distance from the end. */
    stand: () => {
      const fromEnd = range().total - view.moved() - lastTop;
      record();
      shift = heights.total() - fromEnd - lastTop;
      batch(() => {
        view.setTop(lastTop + shift);
        view.lay();
      });
    },
    /** Gives the area its height, and keeps what was in view there. */
    keep: () => {
      elements().area.style.height = `${spacer()}px`;
      const by = shift + view.moved();
      shift = 0;
      const end = spacer() - height();
      if (!props.follow && by !== 0) scrollTo(lastTop + by);
      // To set what is there already would make the browser lay out all that changed.
      else if (props.follow && Math.abs(end - lastTop) >= 1) scrollTo(end);
    },
    scrolled: () => {
      const { scrollTop } = elements().scroller;
      const fromEnd = spacer() - height() - scrollTop;
      const [up, atEnd] = [scrollTop < lastTop - 1 && fromEnd > AT_END, fromEnd <= 2 && scrollTop > lastTop];
      lastTop = scrollTop;
      batch(() => {
        view.setTop(scrollTop);
        if (up || atEnd) props.onFollow?.(atEnd);
      });
    },
    scrollToIndex: (index: number) => {
      const [begin, end] = [heights.offset(index), heights.offset(index + 1)];
      if (begin < lastTop) scrollTo(begin);
      else if (end > lastTop + height()) scrollTo(end - height());
    },
  };
}

/** Measures the rows, and keeps the same ones under the eye when they were other than guessed. */
export function createPlace<T>(
  props: ListProps<T> & { readonly tail?: unknown },
  view: View<T>,
  elements: () => Elements,
) {
  const { spacer, hanging, slice, layout, height } = view;
  const scroll = createScroll(props, view, elements);
  const settle = createSettle();
  const measure = () => {
    if (hanging() && props.tail) return;
    if (settle(measure) && scroll.record()) view.lay();
  };
  const rows = new ResizeObserver(measure);
  // Rows that hang are not measured, unless those that were thought to fill the window do not.
  const hung = new ResizeObserver(([entry]) => {
    if (entry && entry.contentRect.height < height()) measure();
  });
  onCleanup(() => {
    rows.disconnect();
    hung.disconnect();
  });

  createEffect(
    on([slice, hanging, () => Boolean(props.tail)], ([, hangs, tail], before) => {
      const { content } = elements();
      const hanged = before?.[1] ?? false;
      rows.disconnect();
      if (hangs && tail) hung.disconnect();
      else if (hangs) hung.observe(content);
      if (hangs) return;
      for (const child of content.children) rows.observe(child);
      // Measured before the paint, in the task that changed the rows; the observer is for what grows later.
      if (!hanged) return measure();
      hung.disconnect();
      scroll.stand();
    }),
  );
  createEffect(on([spacer, layout, height, () => props.follow], scroll.keep));
  return { scrolled: scroll.scrolled, scrollToIndex: scroll.scrollToIndex };
}
