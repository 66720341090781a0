/** How the text of a log looks, read off the page; lengths are CSS pixels. */
export interface PaintLook {
  readonly width: number;
  readonly height: number;
  /** Pixels of the screen for one of CSS. */
  readonly scale: number;
  readonly background: string;
  readonly lineHeight: number;
  /** Above the first and below the last block of a message. */
  readonly space: { readonly above: number; readonly below: number };
  readonly text: {
    readonly font: string;
    readonly color: string;
    readonly left: number;
    readonly width: number;
  };
  /** Letters and digits in the text's font, and how wide they are on the page. */
  readonly sample: { readonly text: string; readonly width: number };
  /** `null` where the page has no room for it. `top` is that of its line, from the top of the first line of text. */
  readonly time: {
    readonly font: string;
    readonly color: string;
    readonly left: number;
    readonly top: number;
  } | null;
  readonly caret: string;
}

/** One block of a message. */
export interface PaintRow {
  readonly text: string;
  /** Of a message's first block. */
  readonly time: string | null;
  readonly last: boolean;
  /** A line of its own at the end, where the next one will begin. */
  readonly caret: boolean;
}

/** The end of a log. Without a `look` it is the one that was told last. */
export interface Painting {
  readonly look?: PaintLook;
  readonly rows: readonly PaintRow[];
  /** Given back once it stands there. */
  readonly nth: number;
}

const WIDE = /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\ud83c-\ud83e]/;
/** The second half of a character, or what chooses how an emoji looks. */
const CONTINUES = /[\udc00-\udfff]|\ufe0f/;
/** Never at the beginning of a line. */
const CLOSES =
  /[!),.:;?\]}\u3001\u3002\u3009\u300b\u300d\u300f\u3011\uff01\uff09\uff0c\uff0e\uff1a\uff1b\uff1f]/;

/** Whether browsers break a line before `at`: as measured in Chromium, for each pair of ASCII characters. */
function mayBreak(text: string, at: number): boolean {
  const [before = "", after = ""] = [text[at - 1], text[at]];
  if (after === " " || CONTINUES.test(after)) return false;
  if (before === " ") return true;
  if (before === "?") return !/[!"'),./:;?\]}]/.test(after);
  if (before === "-")
    return !/[!$),./:;?\]}]/.test(after) && (!/\d/.test(after) || /\w/.test(text[at - 2] ?? ""));
  if ("(<[{".includes(after)) return /[!"#%&)*+,.:;=>\\\]|}~]/.test(before);
  if (CLOSES.test(after)) return false;
  if (/[\u2010\u2013\u2014]/.test(before) || after === "\u2014") return true;
  return WIDE.test(before) || WIDE.test(after) || CONTINUES.test(before);
}

type Measure = (text: string) => number;

/** A letter is hardly narrower, in CSS pixels: longer beginnings of a text are not measured without need. */
const NARROW = 5;

/** How many characters of `text` fit into the width, at least one; the costs go by the width, not by the text. */
function fitting(text: string, width: number, measure: Measure): number {
  let fits = 0;
  let over = Math.min(text.length, Math.max(1, Math.ceil(width / NARROW)));
  while (measure(text.slice(0, over)) <= width) {
    if (over === text.length) return over;
    fits = over;
    over = Math.min(text.length, 2 * over);
  }
  while (over - fits > 1) {
    const middle = (fits + over) >> 1;
    if (measure(text.slice(0, middle)) <= width) fits = middle;
    else over = middle;
  }
  const inPair = /[\udc00-\udfff]/.test(text[fits] ?? "");
  return inPair ? (fits > 1 ? fits - 1 : 2) : Math.max(1, fits);
}

/**
 * A line as it stands in a column of that width: broken where it may be, or anywhere when nothing fits; spaces at the
 * end of a line hang over. So browsers break `pre-wrap` text with `overflow-wrap: anywhere`, but for punctuation
 * beyond ASCII.
 */
function wrap(line: string, width: number, measure: Measure): string[] {
  const lines: string[] = [];
  let rest = line;
  for (;;) {
    const fits = fitting(rest, width, measure);
    let to = fits;
    while (rest[to] === " ") to += 1;
    if (to >= rest.length) return [...lines, rest];
    if (to === fits) while (to > 0 && !mayBreak(rest, to)) to -= 1;
    if (to === 0) to = fits;
    lines.push(rest.slice(0, to));
    rest = rest.slice(to);
  }
}

/** What is drawn on: the part of a canvas' context that is used. */
type Paper = Pick<
  OffscreenCanvasRenderingContext2D,
  "fillRect" | "fillText" | "fillStyle" | "font" | "measureText" | "setTransform"
>;

/** From the top of a line to where its letters stand. */
function baseline(paper: Paper, lineHeight: number): number {
  const { fontBoundingBoxAscent, fontBoundingBoxDescent } = paper.measureText("x");
  const [ascent, descent] = [Math.round(fontBoundingBoxAscent), Math.round(fontBoundingBoxDescent)];
  return Math.floor((lineHeight - ascent - descent) / 2) + ascent;
}

/** Throws when letters are not what they are on the page: in a font that a canvas cannot have. */
export function assertLook(paper: Paper, { sample, text }: PaintLook): void {
  paper.setTransform(1, 0, 0, 1, 0, 0);
  paper.font = text.font;
  const { width, fontBoundingBoxAscent } = paper.measureText(sample.text);
  if (Math.abs(width - sample.width) < 1 && fontBoundingBoxAscent > 0) return;
  throw new Error(`"${sample.text}" is ${width} px wide in "${text.font}", on the page ${sample.width}`);
}

/** Draws the rows from the bottom up, as many as there is room for. */
export function paint(paper: Paper, look: PaintLook, rows: readonly PaintRow[]): void {
  const { width, height, scale, lineHeight, space, text, time } = look;
  paper.setTransform(scale, 0, 0, scale, 0, 0);
  paper.fillStyle = look.background;
  paper.fillRect(0, 0, width, height);
  const times: { text: string; top: number }[] = [];
  paper.font = text.font;
  paper.fillStyle = text.color;
  const letters = baseline(paper, lineHeight);
  // As pages do: letters stand on whole pixels of the screen.
  const whole = (y: number) => Math.round(y * scale) / scale;
  const measure = (part: string) => paper.measureText(part).width;
  const carets: number[] = [];
  let top = height;
  for (const row of rows.toReversed()) {
    if (row.last) top -= space.below;
    if (row.caret) {
      top -= lineHeight;
      carets.push(top);
    }
    const ended = row.text.endsWith("\n") ? row.text.slice(0, -1) : row.text;
    for (const line of row.text === "" ? [] : ended.split("\n").toReversed()) {
      for (const part of wrap(line, text.width, measure).toReversed()) {
        top -= lineHeight;
        paper.fillText(part, text.left, whole(top + letters));
      }
      if (top < 0) break;
    }
    if (row.time !== null) {
      times.push({ text: row.time, top });
      top -= space.above;
    }
    if (top < 0) break;
  }
  paper.fillStyle = look.caret;
  for (const caret of carets) paper.fillRect(text.left + 2, caret + Math.round((lineHeight - 14) / 2), 7, 14);
  if (!time) return;
  paper.font = time.font;
  paper.fillStyle = time.color;
  const digits = baseline(paper, lineHeight);
  for (const one of times) paper.fillText(one.text, time.left, whole(one.top + time.top + digits));
}
