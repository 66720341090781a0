import type { Edit } from "../../ui/heights.ts";
import type { LogItem, LogRow, MessageItem } from "./log.ts";

/** Rows of a pack. */
const PACK = 128;
/** So many of the newest rows are never packed: they still change, and are looked at. */
const LOOSE = 1_024;
/** Packs whose rows stay as objects after somebody has looked at them. */
const LOOKED_AT = 64;
/** What was handed out last, as far as it is remembered: by two readers, at two times each. */
const HANDED_OUT = 4;
const MOST_EDITS = 10_000;

/**
 * Settled messages in a few objects: as one each, with their ids, arrays and places in tables, they take some 200 bytes
 * beside a text that is often shorter, and the collector's time.
 */
interface Pack {
  /** All texts, and all ids, one behind the other. */
  readonly text: string;
  readonly ids: string;
  /** Of each row: where its text ends, where its id ends, its seq. */
  readonly places: Uint32Array;
  /** Of each row: milliseconds. */
  readonly at: Float64Array;
  /** What is no such message, and stays as it is. */
  readonly others: readonly (LogRow | undefined)[] | null;
  /** Rows that somebody has looked at: as long as they are looked at they stay the same objects. */
  made: (LogRow | undefined)[] | null;
}

/** A pure text of the assistant, complete and in one block, with nothing to be said about it. */
function isPlain({ item }: LogRow): boolean {
  if (item.kind !== "message" || !item.done || item.blocks.length !== 1) return false;
  return item.role === "assistant" && item.parent === null && item.contentId === null;
}

const isOpen = ({ item }: LogRow) => item.kind === "message" && !item.done;

function packOf(rows: readonly LogRow[], keep: (row: LogRow) => boolean): Pack {
  const [texts, ids]: [string[], string[]] = [[], []];
  const places = new Uint32Array(3 * rows.length);
  const at = new Float64Array(rows.length);
  let others: (LogRow | undefined)[] | null = null;
  let [text, id] = [0, 0];
  for (const [nth, row] of rows.entries()) {
    if (isPlain(row) && !keep(row)) {
      const { item } = row as { item: MessageItem };
      texts.push(item.blocks[0] ?? "");
      ids.push(item.id);
      text += item.blocks[0]?.length ?? 0;
      id += item.id.length;
      at[nth] = Date.parse(item.at);
      places[3 * nth + 2] = item.seq;
    } else {
      others ??= new Array<LogRow | undefined>(rows.length).fill(undefined);
      others[nth] = row;
    }
    places[3 * nth] = text;
    places[3 * nth + 1] = id;
  }
  return { text: texts.join(""), ids: ids.join(""), places, at, others, made: null };
}

function rowOf(pack: Pack, nth: number): LogRow {
  const { places, text, ids, at } = pack;
  const [textFrom, idFrom] = nth === 0 ? [0, 0] : [places[3 * nth - 3], places[3 * nth - 2]];
  const item: MessageItem = {
    kind: "message",
    id: ids.slice(idFrom, places[3 * nth + 1]),
    seq: places[3 * nth + 2] as number,
    at: new Date(at[nth] as number).toISOString(),
    role: "assistant",
    parent: null,
    blocks: [text.slice(textFrom, places[3 * nth])],
    done: true,
    contentId: null,
  };
  return { item, block: 0 };
}

/** Where in a pack the message with that id is; -1 when it is not there. */
function placeOf({ ids, places, others }: Pack, id: string): number {
  if (!ids.includes(id)) return -1;
  for (let [nth, from] = [0, 0]; nth < places.length / 3; nth++) {
    const to = places[3 * nth + 1] as number;
    if (others?.[nth] === undefined && to - from === id.length && ids.startsWith(id, from)) return nth;
    from = to;
  }
  return -1;
}

/** Numbers of ids that were seen: one that is not among them is new, one that is may be. */
class Seen {
  #table = new Uint32Array(1_024);
  #count = 0;

  add(id: string): void {
    const hash = hashOf(id);
    const at = this.#find(hash);
    if (this.#table[at] === hash) return;
    this.#table[at] = hash;
    if (++this.#count * 2 <= this.#table.length) return;
    const old = this.#table;
    this.#table = new Uint32Array(old.length * 2);
    for (const one of old) if (one !== 0) this.#table[this.#find(one)] = one;
  }

  has(id: string): boolean {
    const hash = hashOf(id);
    return this.#table[this.#find(hash)] === hash;
  }

  #find(hash: number): number {
    const mask = this.#table.length - 1;
    let at = hash & mask;
    while (this.#table[at] !== 0 && this.#table[at] !== hash) at = (at + 1) & mask;
    return at;
  }
}

/** FNV-1a (Fowler, Noll, Vo) with murmur3's last steps; never 0. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0 || 1;
}

/**
 * The rows of a log, in order, and its messages by their id. Of a long log all but the newest settled messages are
 * packed: its rows are made when they are looked at.
 */
export class LogList {
  /** Every pack has as many rows. */
  readonly #packs: Pack[] = [];
  #tail: LogRow[] = [];
  /** Messages that are not packed. */
  readonly #messages = new Map<string, MessageItem>();
  readonly #packed = new Seen();
  /** Packs with rows made, the one looked at last at the end. */
  readonly #lookedAt = new Set<Pack>();
  readonly #handedOut: (readonly [first: number, last: number])[] = [];
  readonly #edits: Edit[] = [];
  #found: { readonly id: string; readonly index: number } | null = null;

  get length(): number {
    return this.#packs.length * PACK + this.#tail.length;
  }

  /** The row for one look: of a packed message perhaps an object that nobody else has. */
  at(index: number): LogRow | undefined {
    const pack = this.#packs[Math.floor(index / PACK)];
    if (!pack) return this.#tail[index - this.#packs.length * PACK];
    const nth = index % PACK;
    return pack.others?.[nth] ?? pack.made?.[nth] ?? rowOf(pack, nth);
  }

  /** Rows to be shown: as long as they are, they are the same objects. */
  slice(first: number, last = this.length): LogRow[] {
    const rows: LogRow[] = [];
    const end = Math.min(last, this.length);
    for (let index = Math.max(0, first); index < end; index++) {
      const pack = this.#packs[Math.floor(index / PACK)];
      if (pack) rows.push(this.#rowOf(pack, index % PACK));
      else {
        const start = this.#packs.length * PACK;
        for (const row of this.#tail.slice(index - start, end - start)) rows.push(row);
        break;
      }
    }
    this.#handedOut.push([first, end]);
    if (this.#handedOut.length > HANDED_OUT) this.#handedOut.shift();
    return rows;
  }

  *[Symbol.iterator](): Generator<LogRow> {
    for (let index = 0; index < this.length; index++) yield this.at(index) as LogRow;
  }

  push(...rows: readonly LogRow[]): void {
    for (const row of rows) this.#tail.push(row);
  }

  /** What came and went in the middle since it was asked last. */
  takeEdits(): readonly Edit[] {
    return this.#edits.splice(0);
  }

  /** As of an array. Costs what lies behind `index`, if that is packed. */
  splice(index: number, remove: number, ...rows: readonly LogRow[]): LogRow[] {
    // A log that nobody shows has nobody who asks.
    if (this.#edits.push({ at: index, removed: remove, inserted: rows.length }) > MOST_EDITS)
      this.#edits.splice(0);
    this.#unpack(Math.floor(index / PACK));
    return this.#tail.splice(index - this.#packs.length * PACK, remove, ...rows);
  }

  /** The message as it is; null when there is none. */
  message(id: string): MessageItem | null {
    const known = this.#messages.get(id);
    if (known) return known;
    const index = this.#indexOf(id);
    return index < 0 ? null : (this.slice(index, index + 1)[0]?.item as MessageItem);
  }

  /** The message to be changed; null when there is none. */
  changing(id: string): MessageItem | null {
    const known = this.#messages.get(id);
    if (known) return known;
    const index = this.#indexOf(id);
    if (index < 0) return null;
    this.#unpack(Math.floor(index / PACK));
    return this.#messages.get(id) ?? null;
  }

  /** Messages that still stream. */
  open(): MessageItem[] {
    return [...this.#messages.values()].filter((item) => !item.done);
  }

  /** A message that has no rows yet. */
  add(item: MessageItem): void {
    this.#messages.set(item.id, item);
  }

  /** Index of an item's first row; -1 when there is none. */
  indexOf(item: LogItem): number {
    if (item.kind === "message" && !this.#messages.has(item.id)) return this.#indexOf(item.id);
    for (const [start, rows] of this.#objects())
      for (let nth = 0; nth < rows.length; nth++) if (rows[nth]?.item === item) return start + nth;
    return -1;
  }

  /** Behind the last row of a message that may change; the end when it has none. */
  after(item: MessageItem): number {
    for (const [start, rows] of this.#objects().reverse())
      for (let nth = rows.length - 1; nth >= 0; nth--) if (rows[nth]?.item === item) return start + nth + 1;
    return this.length;
  }

  /** Where a row with that seq belongs: rows are in the order in which their items began. */
  place(seq: number): number {
    const seqAt = (index: number) => this.at(index)?.item.seq ?? 0;
    let [low, high] = [0, this.length];
    if (seqAt(high - 1) < seq) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (seqAt(middle) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Indexes of rows that were never packed, in order. */
  indexesOf(wanted: ReadonlySet<LogRow>): number[] {
    const indexes: number[] = [];
    if (wanted.size === 0) return indexes;
    for (const [start, rows] of this.#objects())
      for (let nth = 0; nth < rows.length; nth++) {
        const row = rows[nth];
        if (row && wanted.has(row)) indexes.push(start + nth);
      }
    return indexes;
  }

  /** Packs what is settled, but for what is to be kept. A message that still streams holds up all behind it. */
  pack(keep: (row: LogRow) => boolean): void {
    while (this.#tail.length >= LOOSE + PACK) {
      const rows = this.#tail.slice(0, PACK);
      if (rows.some(isOpen)) return;
      const first = this.#packs.length * PACK;
      const pack = packOf(rows, keep);
      this.#packs.push(pack);
      this.#tail.splice(0, PACK);
      for (const [nth, { item }] of rows.entries()) {
        if (item.kind !== "message" || pack.others?.[nth]) continue;
        this.#messages.delete(item.id);
        this.#packed.add(item.id);
      }
      if (this.#handedOut.some(([from, to]) => from < first + PACK && to > first)) {
        pack.made = rows;
        this.#look(pack);
      }
    }
  }

  /** What is there as objects, with the index of the first. */
  #objects(): (readonly [number, readonly (LogRow | undefined)[]])[] {
    const parts: (readonly [number, readonly (LogRow | undefined)[]])[] = [];
    for (const [nth, { others }] of this.#packs.entries()) if (others) parts.push([nth * PACK, others]);
    parts.push([this.#packs.length * PACK, this.#tail]);
    return parts;
  }

  /** Of a packed message. */
  #indexOf(id: string): number {
    if (!this.#packed.has(id)) return -1;
    if (this.#found?.id === id) return this.#found.index;
    for (const [nth, pack] of this.#packs.entries()) {
      const place = placeOf(pack, id);
      if (place < 0) continue;
      this.#found = { id, index: nth * PACK + place };
      return this.#found.index;
    }
    return -1;
  }

  #rowOf(pack: Pack, nth: number): LogRow {
    const other = pack.others?.[nth];
    if (other) return other;
    this.#look(pack);
    pack.made ??= new Array<LogRow | undefined>(PACK).fill(undefined);
    const row = pack.made[nth] ?? rowOf(pack, nth);
    pack.made[nth] = row;
    return row;
  }

  #look(pack: Pack): void {
    this.#lookedAt.delete(pack);
    this.#lookedAt.add(pack);
    for (const eldest of this.#lookedAt) {
      if (this.#lookedAt.size <= LOOKED_AT) break;
      this.#lookedAt.delete(eldest);
      eldest.made = null;
    }
  }

  /** Makes objects of this pack and all behind it. */
  #unpack(from: number): void {
    if (from >= this.#packs.length) return;
    const packs = this.#packs.splice(from);
    this.#found = null;
    const rows: LogRow[] = [];
    for (const pack of packs) {
      this.#lookedAt.delete(pack);
      for (let nth = 0; nth < PACK; nth++) {
        const other = pack.others?.[nth];
        const row = other ?? pack.made?.[nth] ?? rowOf(pack, nth);
        rows.push(row);
        if (!other) this.#messages.set((row.item as MessageItem).id, row.item as MessageItem);
      }
    }
    this.#tail = rows.concat(this.#tail);
  }
}
