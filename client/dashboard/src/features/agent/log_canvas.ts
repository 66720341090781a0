import { type Accessor, createSignal } from "solid-js";
import { clockTime } from "../../ui/format.ts";
import type { LogRow, MessageItem } from "./log.ts";
import type { Painting, PaintLook, PaintRow } from "./log_paint.ts";
import { lineOf, messageSpace, TEXT, timeOf } from "./log_row.tsx";

const LABEL = "The newest lines, which come faster than anybody reads. Stop following to read them.";
/** Milliseconds that a worker may take for a drawing; after them the page draws until it is there. */
const PATIENCE = 500;
const SAMPLE = "0123456789 The quick brown fox jumps over the lazy dog";

/** What a worker may not draw as pages do: tabs and other controls, marks, scripts that run to the left or join. */
const BEYOND =
  /(?!\ufe0f)[^\n -~\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u0589\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u20cf\u2100-\u2bff\u2e80-\ud7af\uf900-\ufaff\uff00-\uffef\u{1f300}-\u{1f3fa}\u{1f400}-\u{1faff}]/u;

/** The end of a log on a canvas that a worker draws: the page itself does not lay out, nor paint, what pours. */
export interface LogCanvas {
  /** To stand, in this order, where rows would. */
  readonly elements: readonly HTMLElement[];
  /**
   * Has the rows drawn, in a canvas so many px high. False when it cannot, or not yet: before its elements stand in
   * the page for the first time, or while the worker is behind. Reactive: it wants to be called again when the look
   * of the page changes.
   */
  draw(rows: readonly LogRow[], height: number, live: boolean): boolean;
  /** The canvas shows what was asked for since `hide`, or some frames before it. */
  readonly shown: Accessor<boolean>;
  hide(): void;
  dispose(): void;
}

function paintRow({ item, block }: LogRow & { item: MessageItem }, live: boolean): PaintRow {
  const text = item.blocks[block] ?? "";
  const last = block === item.blocks.length - 1;
  return {
    text,
    time: block === 0 ? clockTime(new Date(item.at)) : null,
    last,
    caret: last && live && !item.done && (text === "" || text.endsWith("\n")),
  };
}

/** The last rows, as many as fill so many lines for sure; `null` when one is beyond a canvas. */
function paintRows(rows: readonly LogRow[], lines: number, live: boolean): readonly PaintRow[] | null {
  const paints: PaintRow[] = [];
  let room = lines;
  for (const row of rows.toReversed()) {
    if (row.item.kind !== "message") return null;
    const one = paintRow(row as LogRow & { item: MessageItem }, live);
    if (BEYOND.test(one.text)) return null;
    paints.push(one);
    // A line of a log is hardly longer, whatever the width.
    room -= Math.max(1, Math.floor(one.text.length / 500));
    if (room <= 0) break;
  }
  return paints.reverse();
}

const fontOf = ({ fontStyle, fontWeight, fontSize, fontFamily }: CSSStyleDeclaration) =>
  `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;

/** A row that nobody sees: the page's own rules say how it looks. */
function createProbe(timeLook: string) {
  const row = document.createElement("div");
  row.className = `invisible absolute top-0 left-0 w-full bg-panel ${lineOf(false)} ${messageSpace(0, true)}`;
  row.setAttribute("aria-hidden", "true");
  const time = timeOf(new Date(0).toISOString(), timeLook) as HTMLElement;
  const body = document.createElement("div");
  body.className = `${TEXT} caret still`;
  const sample = document.createElement("span");
  sample.className = "whitespace-pre";
  sample.textContent = SAMPLE;
  body.append(sample);
  row.append(time, body);
  /** `null` where the row has no room: in a pane that is not shown. */
  const look = (height: number): PaintLook | null => {
    const [whole, line, clock] = [row, body, time].map((one) => one.getBoundingClientRect()) as [
      DOMRect,
      DOMRect,
      DOMRect,
    ];
    if (line.width < 1) return null;
    const [around, text, clocks] = [row, body, time].map((one) => getComputedStyle(one)) as [
      CSSStyleDeclaration,
      CSSStyleDeclaration,
      CSSStyleDeclaration,
    ];
    return {
      width: whole.width,
      height,
      scale: devicePixelRatio,
      background: around.backgroundColor,
      lineHeight: Number.parseFloat(text.lineHeight),
      space: {
        above: Number.parseFloat(around.paddingTop),
        below: Number.parseFloat(around.paddingBottom),
      },
      text: { font: fontOf(text), color: text.color, left: line.left - whole.left, width: line.width },
      sample: { text: SAMPLE, width: sample.getBoundingClientRect().width },
      time:
        clocks.display === "none"
          ? null
          : {
              font: fontOf(clocks),
              color: clocks.color,
              left: clock.left - whole.left,
              top: clock.top + Number.parseFloat(clocks.paddingTop) - line.top,
            },
      caret: getComputedStyle(body, "::after").backgroundColor,
    };
  };
  return { row, look };
}

/** A worker with a canvas of its own; throws where browsers have none. */
function startPainter(drawn: (nth: number) => void, failed: () => void) {
  const canvas = document.createElement("canvas");
  const paper = canvas.transferControlToOffscreen();
  canvas.className = "block max-w-none";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", LABEL);
  const worker = new Worker(new URL("./log_painter.ts", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data }: MessageEvent<number>) => drawn(data));
  worker.addEventListener("error", failed);
  worker.postMessage({ canvas: paper }, [paper]);
  return {
    canvas,
    size: ({ width, height, scale }: PaintLook) => {
      // Whole numbers of the screen's pixels: otherwise the browser stretches what was drawn.
      canvas.style.width = `${Math.round(width * scale) / scale}px`;
      canvas.style.height = `${Math.round(height * scale) / scale}px`;
    },
    tell: (painting: Painting) => worker.postMessage(painting),
    stop: () => worker.terminate(),
  };
}

/** Which drawings were asked for and which stand there. */
function createTurns() {
  const [shown, setShown] = createSignal(false);
  let [asked, answered, since, at] = [0, 0, 1, 0];
  const hide = () => {
    since = asked + 1;
    setShown(false);
  };
  return {
    shown,
    hide,
    answer: (nth: number) => {
      answered = nth;
      at = performance.now();
      if (nth >= since) setShown(true);
    },
    ask: (): number => {
      const now = performance.now();
      if (answered === asked) at = now;
      // It is behind: what it shows is older than what the page could.
      if (now - at > PATIENCE) hide();
      asked += 1;
      return asked;
    },
  };
}

/** Changes when colours, the width of the element or the screen's pixels do. */
function watchLook(element: HTMLElement) {
  const [version, setVersion] = createSignal(0);
  const changed = () => setVersion((old) => old + 1);
  const size = new ResizeObserver(changed);
  size.observe(element);
  const theme = new MutationObserver(changed);
  theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return {
    version: () => `${version()} ${devicePixelRatio}`,
    stop: () => {
      size.disconnect();
      theme.disconnect();
    },
  };
}

/** `timeLook` are the classes of a row's time. The worker starts with the first drawing. */
export function createLogCanvas(timeLook: string): LogCanvas {
  const probe = createProbe(timeLook);
  const watch = watchLook(probe.row);
  const { shown, hide, answer, ask } = createTurns();
  const forcedColors = matchMedia("(forced-colors: active)");
  let painter: ReturnType<typeof startPainter> | null = null;
  let failed = false;
  let looked = "";
  let look: PaintLook | null = null;
  let told: PaintLook | null = null;
  const fail = () => {
    failed = true;
    hide();
  };
  const start = () => {
    try {
      return startPainter(answer, fail);
    } catch {
      failed = true;
      return null;
    }
  };
  return {
    get elements() {
      return shown() && painter ? [probe.row, painter.canvas] : [probe.row];
    },
    draw: (rows, height, live) => {
      const looks = `${watch.version()} ${height}`;
      if (failed || forcedColors.matches || !probe.row.isConnected) return false;
      if (looks !== looked) look = probe.look(height);
      looked = looks;
      if (!look) return false;
      const paints = paintRows(rows, height / look.lineHeight, live);
      if (!paints) return false;
      painter ??= start();
      if (!painter) return false;
      const isNew = look !== told;
      told = look;
      // Of another size it would be stretched until it is drawn anew.
      if (isNew) hide();
      if (isNew) painter.size(look);
      painter.tell({ ...(isNew && { look }), rows: paints, nth: ask() });
      return true;
    },
    shown,
    hide,
    dispose: () => {
      watch.stop();
      painter?.stop();
    },
  };
}
