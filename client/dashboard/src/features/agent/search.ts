import { mainArgument } from "./call_text.ts";
import type { CallItem, LogItem, LogRow, RunLog } from "./log.ts";

/** How often the text is in there, ignoring case; nothing is nowhere. */
export function countOf(text: string, search: string): number {
  const needle = search.toLowerCase();
  if (!needle) return 0;
  let found = 0;
  const hay = text.toLowerCase();
  for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, at + needle.length)) found += 1;
  return found;
}

/** Hits that a folded call shows. */
export function shownHits(call: CallItem, search: string): number {
  return countOf(call.tool, search) + countOf(mainArgument(call.args), search);
}

function hitsOf({ item, block }: LogRow, needle: string): number {
  switch (item.kind) {
    case "message":
      return countOf(item.blocks[block] ?? "", needle);
    case "status":
      return countOf(item.errorMessage ?? "", needle);
    case "call":
      // What only the unfolded call shows is one hit.
      return (
        shownHits(item, needle) ||
        Math.min(1, countOf(JSON.stringify([item.args, item.ended?.result]), needle))
      );
  }
}

/** Whether what the row says may still change. */
function isOpen(item: LogItem, block: number): boolean {
  if (item.kind === "message") return !item.done && block === item.blocks.length - 1;
  return item.kind === "call" && item.ended === null;
}

/** Finds a text in a log that grows, ignoring case: each row is read once, in slices of any length. */
export class LogSearch {
  /** The row of each hit, in order. */
  readonly hits: number[] = [];
  readonly #log: RunLog;
  readonly #needle: string;
  #scanned = 0;
  #moves: number;
  #open: number[] = [];
  /** The hit that the reader is at, by what does not change when rows and hits come before it. */
  #at: { readonly seq: number; readonly block: number; readonly nth: number } | null = null;

  constructor(log: RunLog, text: string) {
    this.#log = log;
    this.#needle = text.toLowerCase();
    this.#moves = log.moves;
  }

  /** Goes on until `enough` says so; true when all that is there has been read. */
  scan(enough: () => boolean): boolean {
    const { rows, moves } = this.#log;
    if (moves !== this.#moves) {
      this.#moves = moves;
      this.#scanned = 0;
      this.#open = [];
      this.hits.length = 0;
    }
    this.#open = this.#open.filter((index) => this.#again(index));
    while (this.#scanned < rows.length) {
      const index = this.#scanned;
      const row = rows.at(index) as LogRow;
      for (let left = hitsOf(row, this.#needle); left > 0; left--) this.hits.push(index);
      if (isOpen(row.item, row.block)) this.#open.push(index);
      this.#scanned += 1;
      if (this.#scanned % 64 === 0 && enough()) return false;
    }
    return true;
  }

  goTo(hit: number): void {
    const row = this.#log.rows.at(this.hits[hit] ?? -1);
    if (row) this.#at = { seq: row.item.seq, block: row.block, nth: this.nth(hit) };
  }

  /** The first hit in that row or behind it; null: none (yet). */
  firstFrom(row: number): number | null {
    const first = this.#firstOf(row);
    return first < this.hits.length ? first : null;
  }

  /** Where among the hits the one is that was gone to, or the next one when it is no more; -1: nowhere (yet). */
  at(): number {
    if (!this.#at) return -1;
    const { seq, block, nth } = this.#at;
    const row = this.#log.rows.place(seq) + block;
    if (row >= this.#scanned) return -1;
    const first = this.#firstOf(row);
    const last = Math.max(first, this.#firstOf(row + 1) - 1);
    return Math.min(first + nth, last, this.hits.length - 1);
  }

  /** Which of the hits of its row a hit is. */
  nth(hit: number): number {
    return hit - this.#firstOf(this.hits[hit] ?? 0);
  }

  #firstOf(row: number): number {
    let low = 0;
    let high = this.hits.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.hits[middle] as number) < row) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Reads a row again that has changed since; true while it may change further. */
  #again(index: number): boolean {
    const row = this.#log.rows.at(index);
    if (!row) return false;
    const from = this.#firstOf(index);
    const had = this.#firstOf(index + 1) - from;
    const has = hitsOf(row, this.#needle);
    if (has !== had) this.hits.splice(from, had, ...new Array<number>(has).fill(index));
    return isOpen(row.item, row.block);
  }
}
