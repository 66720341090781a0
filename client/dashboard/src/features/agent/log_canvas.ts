import { type Accessor, createSignal, untrack } from "solid-js";
import { clockTime } from "../../ui/format.ts";
import type { LogRow, MessageItem } from "./log.ts";
import type { Painting, PaintLook, PaintRow } from "./log_paint.ts";
import { lineOf, messageSpace, TEXT, timeOf } from "./log_row.tsx";

const LABEL = "The newest lines, which come faster than anybody reads. Stop following to read them.";

/** What a worker does not draw as the page does: tabs and other controls, scripts that run to the left or join. */
const BEYOND =
  /(?!\ufe0f)[^\n -~\u00a0-\u0589\u1e00-\u1fff\u2010-\u2027\u2030-\u2bff\u2e80-\ud7af\uf900-\ufaff\uff00-\uffef\u{1f000}-\u{1faff}]/u;

/** The end of a log on a canvas that a worker draws: the page itself does not lay out, nor paint, what pours. */
export interface LogCanvas {
  /** To stand, in this order, where rows would. */
  readonly elements: readonly HTMLElement[];
  /** Has the rows drawn, in a canvas so many px high. False when it cannot. */
  draw(rows: readonly LogRow[], height: number, live: boolean): boolean;
  /** What was asked to be drawn since `hide` stands there. */
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
  body.textContent = "x";
  row.append(time, body);
  return {
    row,
    look: (height: number): PaintLook => {
      const [whole, line, clock] = [row, body, time].map((one) => one.getBoundingClientRect()) as [
        DOMRect,
        DOMRect,
        DOMRect,
      ];
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
    },
  };
}

/** A worker with a canvas of its own; `undefined` where browsers have none. */
function startPainter(drawn: (nth: number) => void, failed: () => void) {
  const canvas = document.createElement("canvas");
  if (!canvas.transferControlToOffscreen || matchMedia("(forced-colors: active)").matches) return undefined;
  canvas.className = "block max-w-none";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", LABEL);
  const worker = new Worker(new URL("./log_painter.ts", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data }: MessageEvent<number>) => drawn(data));
  worker.addEventListener("error", failed);
  const paper = canvas.transferControlToOffscreen();
  worker.postMessage({ canvas: paper }, [paper]);
  return {
    canvas,
    tell: (painting: Painting) => worker.postMessage(painting),
    stop: () => worker.terminate(),
  };
}

/** `timeLook` are the classes of a row's time. The worker starts with the first drawing. */
export function createLogCanvas(timeLook: string): LogCanvas {
  const [shown, setShown] = createSignal(false);
  const probe = createProbe(timeLook);
  let painter: ReturnType<typeof startPainter> | null = null;
  let failed = false;
  let nth = 0;
  let since = 1;
  let looked = "";
  const drawn = (which: number) => {
    if (which >= since) setShown(true);
  };
  const hide = () => {
    since = nth + 1;
    setShown(false);
  };
  const resized = new ResizeObserver(() => {
    looked = "";
  });
  const start = () => {
    const started = startPainter(drawn, () => {
      failed = true;
      hide();
    });
    if (started) resized.observe(probe.row);
    else failed = true;
    return started;
  };
  return {
    get elements() {
      return shown() && painter ? [probe.row, painter.canvas] : [probe.row];
    },
    draw: (rows, height, live) => {
      if (failed || !probe.row.isConnected) return false;
      const paints: PaintRow[] = [];
      for (const row of rows) {
        if (row.item.kind !== "message") return false;
        const one = paintRow(row as LogRow & { item: MessageItem }, live);
        if (BEYOND.test(one.text)) return false;
        paints.push(one);
      }
      painter ??= start();
      if (!painter) return false;
      nth += 1;
      const looks = `${height} ${devicePixelRatio} ${document.documentElement.dataset.theme}`;
      const look = looks === looked ? undefined : probe.look(height);
      looked = looks;
      if (look) {
        // A whole number of the screen's pixels: otherwise the browser stretches what was drawn.
        painter.canvas.style.width = `${Math.round(look.width * look.scale) / look.scale}px`;
        painter.canvas.style.height = `${height}px`;
      }
      painter.tell({ ...(look && { look }), rows: paints, nth: untrack(shown) ? null : nth });
      return true;
    },
    shown,
    hide,
    dispose: () => {
      resized.disconnect();
      painter?.stop();
    },
  };
}
