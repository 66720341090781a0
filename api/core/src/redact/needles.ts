import type { Cut } from "./anchors.ts";

const SHORTEST = 6;
const WINDOW = 16;
const TABLE = 1 << 16;

/** Every form in which a secret may lie in a text: raw, JSON, URL, hexadecimal, base64 wherever in it the secret begins. */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  const url = encodeURIComponent(secret);
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1),
    url,
    url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    hex,
    hex.toUpperCase(),
    ...[0, 1, 2].map((offset) => base64At(bytes, offset)),
  ];
  const safe = forms.map((form) => form.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""));
  return [...new Set([...forms, ...safe])].filter((form) => form.length >= SHORTEST);
}

/** The digits that depend on the secret alone, when it begins `offset` bytes into a group of three. */
function base64At(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString("base64")
    .replace(/=+$/, "");
  const whole = Math.floor(((offset + bytes.length) * 8) / 6);
  return text.slice(Math.ceil((offset * 8) / 6), whole);
}

/**
 * Finds any of many words in a text at a cost that hardly depends on how many they are: it looks at two characters at
 * a time, and from most of them can tell how far ahead the next word may begin (Wu and Manber).
 */
export class Needles {
  readonly #shift: Uint8Array;
  readonly #byBlock = new Map<number, string[]>();
  readonly #window: number;
  readonly #sorted: readonly string[];
  readonly #firsts: ReadonlySet<number>;
  readonly #longest: number;

  constructor(words: readonly string[]) {
    this.#sorted = [...new Set(words)].sort();
    this.#firsts = new Set(words.map((word) => word.charCodeAt(0)));
    this.#longest = Math.max(0, ...words.map((word) => word.length));
    this.#window = Math.min(WINDOW, ...words.map((word) => word.length));
    this.#shift = new Uint8Array(TABLE).fill(words.length === 0 ? 0 : this.#window - 1);
    // The longest first: of two that begin alike the longer one goes.
    for (const word of [...words].sort((a, b) => b.length - a.length)) this.#add(word);
  }

  #add(word: string): void {
    for (let end = 2; end <= this.#window; end++) {
      const block = blockAt(word, end - 2);
      this.#shift[block] = Math.min(this.#shift[block] ?? 0, this.#window - end);
    }
    const last = blockAt(word, this.#window - 2);
    this.#byBlock.set(last, [...(this.#byBlock.get(last) ?? []), word]);
  }

  /** Where the words are, from left to right, overlapping ones too. */
  find(text: string): Cut[] {
    const cuts: Cut[] = [];
    if (this.#byBlock.size === 0) return cuts;
    const shifts = this.#shift;
    const lead = this.#window - 2;
    let at = lead;
    while (at < text.length - 1) {
      const block = ((text.charCodeAt(at) << 8) ^ text.charCodeAt(at + 1)) & (TABLE - 1);
      const shift = shifts[block] ?? 0;
      if (shift > 0) {
        at += shift;
        continue;
      }
      const start = at - lead;
      const word = this.#byBlock.get(block)?.find((one) => text.startsWith(one, start));
      if (word) cuts.push({ start, end: start + word.length, told: start });
      at++;
    }
    return cuts;
  }

  /** Where the longest end of the text begins that a word begins with, and goes on after; its length when there is none. */
  unfinished(text: string): number {
    for (let at = Math.max(0, text.length - this.#longest + 1); at < text.length; at++) {
      if (this.#firsts.has(text.charCodeAt(at)) && this.#begun(text.slice(at))) return at;
    }
    return text.length;
  }

  #begun(end: string): boolean {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] ?? "") <= end) low = middle + 1;
      else high = middle;
    }
    // The first word behind it in order is one that goes on after it, if there is one.
    return this.#sorted[low]?.startsWith(end) === true;
  }
}

function blockAt(word: string, at: number): number {
  return ((word.charCodeAt(at) << 8) ^ word.charCodeAt(at + 1)) & (TABLE - 1);
}
