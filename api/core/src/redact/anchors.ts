import { PATTERNS, type Pattern } from "./patterns.ts";

/** From here to there a text holds a secret. */
export interface Cut {
  readonly start: number;
  readonly end: number;
  /** Where what told it begins: its name, say. */
  readonly told: number;
}

interface Entry {
  /** The three characters, folded. */
  readonly first: number;
  readonly lead: number;
  readonly pattern: Pattern;
}

const TABLE = 1 << 16;
/** How far ahead the next anchor may begin, by two characters of the text. */
const SHIFTS = new Uint8Array(TABLE).fill(2);
/** The anchors that end with these two characters. */
const ENTRIES: (Entry[] | undefined)[] = Array.from({ length: TABLE });

for (const pattern of PATTERNS) {
  for (const [word, lead] of pattern.anchors) {
    SHIFTS[blockAt(word, 0)] = Math.min(1, SHIFTS[blockAt(word, 0)] ?? 0);
    const last = blockAt(word, 1);
    SHIFTS[last] = 0;
    const entry = { first: word.charCodeAt(0) | 32, lead, pattern };
    ENTRIES[last] = [...(ENTRIES[last] ?? []), entry];
  }
}

/** Capital and small letters fall together, as do a few signs: what is found is tried by an expression that is exact. */
function blockAt(text: string, at: number): number {
  return (((text.charCodeAt(at) | 32) << 8) ^ (text.charCodeAt(at + 1) | 32)) & (TABLE - 1);
}

/**
 * What in the text has the form of a secret, unordered; each by itself, so that of secrets without anything between them
 * none is missed. All anchors are looked for in one pass of two characters at a
 * time (Wu and Manber); from most of them it can tell that it may skip the next.
 */
export function findForms(text: string): Cut[] {
  const cuts: Cut[] = [];
  const last = text.length - 1;
  let at = 1;
  while (at < last) {
    const block = (((text.charCodeAt(at) | 32) << 8) ^ (text.charCodeAt(at + 1) | 32)) & (TABLE - 1);
    const shift = SHIFTS[block] as number;
    if (shift > 0) {
      at += shift;
      continue;
    }
    const first = text.charCodeAt(at - 1) | 32;
    for (const entry of ENTRIES[block] as Entry[]) {
      if (entry.first !== first) continue;
      const start = at - 1 - entry.lead;
      const cut = start >= 0 && cutAt(entry.pattern, text, start);
      if (cut) cuts.push(cut);
    }
    at++;
  }
  return cuts;
}

function cutAt({ expression }: Pattern, text: string, start: number): Cut | null {
  expression.lastIndex = start;
  const match = expression.exec(text);
  return match && { start: start + (match[1]?.length ?? 0), end: start + match[0].length, told: start };
}
