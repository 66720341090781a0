/** A worker that draws the end of a log on a canvas, once per frame however often it is told. */
import { assertLook, type Painting, type PaintLook, paint } from "./log_paint.ts";

interface Canvas {
  readonly canvas: OffscreenCanvas;
}

let canvas: OffscreenCanvas | undefined;
let paper: OffscreenCanvasRenderingContext2D | null = null;
let look: PaintLook | undefined;
let asserted: PaintLook | undefined;
let next: Painting | undefined;

function draw(): void {
  const painting = next;
  next = undefined;
  if (!painting || !canvas || !look) return;
  const [width, height] = [Math.round(look.width * look.scale), Math.round(look.height * look.scale)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  paper ??= canvas.getContext("2d", { alpha: false });
  if (!paper || paper.isContextLost?.()) throw new Error("no 2d context");
  if (look !== asserted) assertLook(paper, look);
  asserted = look;
  paint(paper, look, painting.rows);
  // In the page it stands after this frame.
  requestAnimationFrame(() => postMessage(painting.nth));
}

addEventListener("message", ({ data }: MessageEvent<Canvas | Painting>) => {
  if ("canvas" in data) {
    canvas = data.canvas;
    return;
  }
  look = data.look ?? look;
  if (!next) requestAnimationFrame(draw);
  next = data;
});
