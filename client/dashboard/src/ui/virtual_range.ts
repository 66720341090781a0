import { createMemo, createSignal, untrack } from "solid-js";
import { type Edit, Heights } from "./heights.ts";

/** What a list shows: an array, or what makes its rows when they are asked for. */
export interface Rows<T> {
  readonly length: number;
  at(index: number): T | undefined;
  slice(first: number, last?: number): readonly T[];
  /** What came or went in the middle since this was asked last; absent: a list only grows at its end, or changes. */
  takeEdits?(): readonly Edit[];
}

export interface ListProps<T> {
  readonly rows: Rows<T>;
  /** Height of a row in px: exact when `fixed`, a first guess otherwise. */
  readonly estimate: number;
  readonly fixed?: boolean;
  /** A better first guess than the estimate for a list of that width, so that scrolling lands where it aimed. */
  readonly guess?: (row: T, width: number) => number;
  /** Keep the end in view. */
  readonly follow?: boolean;
  /** The reader scrolled away from the end (false) or back to it (true). */
  readonly onFollow?: (follow: boolean) => void;
}

const OVERSCAN = 400;
/** While the end is followed nothing is scrolled to: what lies before the window only makes up for guesses. */
export const OVERSCAN_FOLLOWING = 120;
/** The part of its length by which a list that hangs may be other than its scroll bar says. */
const SLACK = 0.05;

interface Range {
  readonly first: number;
  readonly last: number;
  readonly offset: number;
  readonly total: number;
  /** The rows hang from the end of the list, whatever is known about the heights of those before. */
  readonly hanging: boolean;
  /** Height of the scrolled area: the total, or what it was a while ago in a list that hangs. */
  readonly spacer: number;
}

function sameRows<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((row, index) => row === b[index]);
}

/** Which rows are in view, as far as their heights are known. */
export function createRange<T>(props: ListProps<T>) {
  const heights = new Heights(props.estimate);
  let width = 600;
  const guess = (index: number) => {
    const row = props.rows.at(index);
    return row !== undefined && props.guess ? props.guess(row, width) : props.estimate;
  };
  const [top, setTop] = createSignal(0);
  const [height, setHeight] = createSignal(800);
  const [layout, setLayout] = createSignal(0);
  /** How far the list must be scrolled so that what is in view stays there; until it is. */
  let moved = 0;
  const measured = (count: number, stands: boolean) =>
    untrack(() => {
      const edits = props.rows.takeEdits?.() ?? [];
      const eye = edits.length > 0 ? heights.indexAt(top() + moved) : 0;
      const before = heights.offset(eye);
      const now = heights.edit(edits, eye);
      heights.resize(count, guess);
      if (edits.length > 0 && stands) moved += heights.offset(now) - before;
      return heights.total();
    });
  const range = createMemo((before: Range | undefined): Range => {
    layout();
    const count = props.rows.length;
    const total = measured(count, !props.follow && before?.hanging === false);
    if (props.follow && !props.fixed && total > 2 * height()) {
      const first = heights.indexAt(total - height() - OVERSCAN_FOLLOWING);
      // Each other height of the area would be a scroll, with a layout of its own and a frame after it.
      const keeps = before?.hanging && Math.abs(total - before.spacer) < SLACK * before.spacer;
      const spacer = keeps ? before.spacer : total;
      return { first, last: count, offset: 0, total, hanging: true, spacer };
    }
    if (before?.hanging) moved = total - before.spacer;
    const place = top() + moved;
    const first = heights.indexAt(Math.max(0, place - OVERSCAN));
    const last = Math.min(count, heights.indexAt(place + height() + OVERSCAN) + 1);
    const offset = heights.offset(first);
    return { first, last, offset, total, hanging: false, spacer: total };
  });
  return {
    heights,
    range,
    spacer: createMemo(() => range().spacer),
    hanging: createMemo(() => range().hanging),
    slice: createMemo(() => props.rows.slice(range().first, range().last), undefined, { equals: sameRows }),
    layout,
    /** The first row in view. */
    eye: () =>
      untrack(() => {
        const { hanging, total } = range();
        return heights.indexAt(hanging ? total - height() : top() + moved);
      }),
    /** Heights have changed. */
    lay: () => setLayout((value) => value + 1),
    height,
    moved: () => moved,
    setTop: (y: number) => {
      moved = 0;
      setTop(y);
    },
    resize: (element: HTMLElement) => {
      width = element.clientWidth;
      setHeight(element.clientHeight);
    },
  };
}
export type View<T> = ReturnType<typeof createRange<T>>;
