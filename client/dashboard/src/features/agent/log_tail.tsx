import { type Accessor, createMemo, createRoot, type JSX, onCleanup, untrack } from "solid-js";
import type { Rows } from "../../ui/virtual_range.ts";
import type { LogRow, MessageItem } from "./log.ts";
import type { LogCanvas } from "./log_canvas.ts";
import { lineOf, messageSpace, TEXT, timeOf } from "./log_row.tsx";

interface Props {
  readonly rows: Rows<LogRow>;
  /** To be filled, in px. */
  readonly height: number;
  /** Changes whenever the log does: messages grow in place. */
  readonly version: () => unknown;
  /** Whether a row is nothing but text. Any other is drawn by `other`: there are few of them. */
  readonly plain: (row: LogRow) => boolean;
  readonly selected: (row: LogRow) => boolean;
  readonly live: boolean;
  readonly other: (row: LogRow, index: Accessor<number>) => JSX.Element;
  /** What stands there, for those who take over. */
  readonly drawn: Map<LogRow, unknown>;
  readonly canvas: LogCanvas;
}

const LINE_HEIGHT = 22;

/** As the absolute one of a calm row looks, which would make a layer of each row, and the page draw all of them. */
export const TIME = "float-left -ml-[76px] pt-0.5 font-mono text-xs leading-[22px] text-faint max-md:hidden";

interface Drawn {
  readonly plain: boolean;
  readonly view: JSX.Element;
  update(index: number): void;
  /** Lets go of what stands before the last `lines`, as far as it is not needed; how many lines it has at least. */
  trim(lines: number): number;
  dispose(): void;
}

/** At least so many lines it takes, however narrow the page is. */
function linesOf(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}

/**
 * A text that grows at its end, written in pieces of whole lines that never change again: the browser lays out what
 * came, and not the block. For the same reason the caret stands on a line of its own, where the next line will begin,
 * or not at all: its way from one piece to the next would lay out both.
 */
class GrowingText {
  readonly #body: HTMLElement;
  /** The first one stands in the body itself: most messages are no more. */
  readonly #pieces: { readonly node: HTMLElement | Text; readonly text: Text; lines: number }[] = [];
  readonly #caret = document.createElement("div");
  #written = "";
  #lines = 0;

  constructor(body: HTMLElement) {
    this.#body = body;
    this.#caret.className = "caret still";
  }

  write(text: string, streaming: boolean): void {
    if (text !== this.#written) this.#write(text);
    const waits = streaming && (text === "" || text.endsWith("\n"));
    if (waits === (this.#caret.parentNode !== null)) return;
    if (waits) this.#body.append(this.#caret);
    else this.#caret.remove();
  }

  #write(text: string): void {
    if (text.startsWith(this.#written)) this.#add(text.slice(this.#written.length));
    else {
      // A block that is cut ends before what was shown of it.
      this.#body.replaceChildren();
      this.#pieces.length = 0;
      this.#lines = 0;
      this.#add(text);
    }
    this.#written = text;
  }

  trim(lines: number): number {
    const had = Math.max(1, this.#lines);
    for (let one = this.#pieces[0]; one && this.#pieces.length > 1; one = this.#pieces[0]) {
      if (this.#lines - one.lines < lines) break;
      this.#lines -= one.lines;
      this.#pieces.shift();
      one.node.remove();
    }
    return had;
  }

  #add(text: string): void {
    const lines = linesOf(text);
    this.#lines += lines;
    const last = this.#pieces.at(-1);
    if (last && !this.#written.endsWith("\n")) {
      last.text.appendData(text);
      last.lines += lines;
      return;
    }
    const piece = document.createTextNode(text);
    const node = last ? document.createElement("div") : piece;
    if (node !== piece) node.appendChild(piece);
    this.#pieces.push({ node, text: piece, lines });
    this.#body.insertBefore(node, this.#caret.parentNode ? this.#caret : null);
  }
}

function drawText(props: Props, row: LogRow): Drawn {
  const item = row.item as MessageItem;
  const view = document.createElement("div");
  const body = document.createElement("div");
  body.className = TEXT;
  if (row.block === 0) view.append(timeOf(item.at, TIME) as Node);
  view.append(body);
  const text = new GrowingText(body);
  let had = -1;
  return {
    plain: true,
    view,
    update: (index) => {
      const last = row.block === item.blocks.length - 1;
      const space = messageSpace(row.block, last);
      const look = `${lineOf(props.selected(row))} ${space}`;
      if (view.className !== look) view.className = look;
      if (index !== had) view.dataset.row = String(index);
      had = index;
      text.write(item.blocks[row.block] ?? "", last && !item.done && props.live);
    },
    trim: (lines) => text.trim(lines),
    dispose: () => undefined,
  };
}

function drawOther(props: Props, row: LogRow): Drawn {
  let at = 0;
  const index = () => {
    props.version();
    return at;
  };
  return createRoot((dispose) => ({
    plain: false,
    view: untrack(() => props.other(row, index)),
    update: (now) => {
      at = now;
    },
    trim: () => 1,
    dispose,
  }));
}

/** Where the rows begin that have so many lines, up to the end. */
function firstOf(rows: Rows<LogRow>, lines: number): number {
  let first = rows.length;
  for (let had = 0; first > 0 && had < lines; ) {
    first -= 1;
    const row = rows.at(first);
    had += row?.item.kind === "message" ? Math.max(1, linesOf(row.item.blocks[row.block] ?? "")) : 1;
  }
  return first;
}

/**
 * The end of a log that grows faster than anybody reads: nothing is rendered, nothing that stands is touched. All of
 * it is one computation, for with one for each row and each thing it shows they would be most of a frame. Where all
 * of it is plain text a worker draws it, from when the canvas shows what these elements showed.
 */
export function LogTail(props: Props) {
  const { canvas } = props;
  const drawn = new Map<LogRow, Drawn>();
  const drop = (row: LogRow) => {
    drawn.get(row)?.dispose();
    drawn.delete(row);
    props.drawn.delete(row);
  };
  const keep = (now: readonly LogRow[]) => {
    const stay = new Set(now);
    for (const row of [...props.drawn.keys()]) if (!stay.has(row)) drop(row);
  };
  const draw = (row: LogRow, index: number): Drawn => {
    const plain = props.plain(row);
    let one = drawn.get(row);
    if (one?.plain !== plain) {
      drop(row);
      one = plain ? drawText(props, row) : drawOther(props, row);
      drawn.set(row, one);
      props.drawn.set(row, one);
    }
    one.update(index);
    return one;
  };
  /** Whether the canvas stands for the rows, which it has drawn where it can. */
  const paintOrHide = (now: readonly LogRow[]): boolean => {
    const paints = now.every((row) => props.plain(row) && !props.selected(row));
    if (!paints || !canvas.draw(now, props.height, props.live)) canvas.hide();
    return canvas.shown();
  };
  const views = createMemo(
    (): readonly JSX.Element[] => {
      props.version();
      const { rows } = props;
      const lines = Math.ceil(props.height / LINE_HEIGHT);
      const first = firstOf(rows, lines);
      const now = rows.slice(first);
      keep(now);
      if (paintOrHide(now)) {
        for (const row of drawn.keys()) drop(row);
        for (const row of now) props.drawn.set(row, canvas);
        return canvas.elements;
      }
      const all = now.map((row, nth) => draw(row, first + nth));
      let needed = lines;
      for (const one of all.toReversed()) needed -= one.trim(Math.max(0, needed));
      return [...canvas.elements, ...all.map(({ view }) => view)];
    },
    [],
    { equals: (a, b) => a.length === b.length && a.every((view, nth) => view === b[nth]) },
  );
  onCleanup(() => {
    canvas.hide();
    const gone = [...props.drawn.keys()];
    queueMicrotask(() => gone.forEach(drop));
  });
  return views as unknown as JSX.Element;
}
