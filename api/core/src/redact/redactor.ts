import type { Json } from "../ports.ts";
import { type Cut, findForms } from "./anchors.ts";
import { formsOf, Needles } from "./needles.ts";
import { REDACTED } from "./patterns.ts";
import { unfinishedForms } from "./unfinished.ts";

/** The end of a text that comes in pieces, as it came. It may hold the beginning of a secret. */
export interface Tail {
  readonly text: string;
  /** What stands before it was given out; the rest is held back. */
  readonly from: number;
}

/** Takes secrets out of what is about to be stored, logged or published. */
export interface Redactor {
  text(text: string): string;
  /** Every string of it, names included; a value without secrets comes back as it is, without a copy. */
  json(value: Json): Json;
  /**
   * The next piece of a text whose pieces are given out one by one: together they are what `text` makes of the whole.
   * An end that may be the beginning of a secret is held back until more comes.
   */
  piece(before: Tail | null, more: string): { readonly text: string; readonly tail: Tail };
  /** What was held back, once nothing more comes. */
  rest(tail: Tail): string;
}

/** Knows these secrets in every encoding, and any other by its form. Secrets shorter than 6 characters are not words. */
export function createRedactor(owned: readonly string[] = []): Redactor {
  const needles = new Needles(owned.flatMap(formsOf));
  const find = (value: string) => joined([...needles.find(value), ...findForms(value)]);
  const text = (value: string) => withoutCuts(value, find(value), 0, value.length);
  return {
    text,
    json: (value) => cleanValue(value, text),
    piece(before, more) {
      const whole = (before?.text ?? "") + more;
      const from = before?.from ?? 0;
      const cuts = find(whole);
      const forms = unfinishedForms(whole);
      const open = Math.min(needles.unfinished(whole), ...forms.map(({ secret }) => secret));
      const across = cuts.find(({ start, end }) => start < open && end > open);
      const until = Math.max(from, across?.start ?? open);
      // What is looked at again must find again what told of it.
      const told = cuts.filter(({ end }) => end > until).map((cut) => cut.told);
      const seen = Math.min(until, ...told, ...forms.map(({ start }) => start));
      const kept = Math.max(0, seen - CONTEXT);
      return {
        text: withoutCuts(whole, cuts, from, until),
        tail: { text: endFrom(whole, kept), from: until - kept },
      };
    },
    rest: (tail) => withoutCuts(tail.text, find(tail.text), tail.from, tail.text.length),
  };
}

/** So many characters before a match can decide whether it is one. */
const CONTEXT = 16;

/** No match begins with its first character, which only tells whether a word begins behind it. */
function endFrom(text: string, at: number): string {
  if (at === 0) return text;
  return (/\w/.test(text.charAt(at)) ? "_" : " ") + text.slice(at + 1);
}

/** In order; those that overlap are one. */
function joined(cuts: Cut[]): Cut[] {
  if (cuts.length < 2) return cuts;
  const all: Cut[] = [];
  for (const cut of cuts.sort((a, b) => a.start - b.start)) {
    const last = all.at(-1);
    if (last && cut.start < last.end) {
      const told = Math.min(last.told, cut.told);
      all[all.length - 1] = { start: last.start, end: Math.max(last.end, cut.end), told };
    } else all.push(cut);
  }
  return all;
}

function withoutCuts(text: string, cuts: readonly Cut[], from: number, until: number): string {
  const parts: string[] = [];
  let at = from;
  for (const { start, end } of cuts) {
    if (end <= from || start >= until) continue;
    parts.push(text.slice(at, Math.max(at, start)), REDACTED);
    at = end;
  }
  return parts.join("") + text.slice(at, Math.max(at, until));
}

function cleanValue(value: Json, clean: (text: string) => string): Json {
  if (typeof value === "string") return clean(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) {
    const items = value.map((item: Json) => cleanValue(item, clean));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  let changed = false;
  const entries = Object.entries(value as Record<string, Json>).map(([name, item]) => {
    const entry = [clean(name), byName(name, cleanValue(item, clean))] as const;
    changed ||= entry[0] !== name || entry[1] !== item;
    return entry;
  });
  return changed ? Object.fromEntries(entries) : value;
}

const SECRET_NAME =
  /^(?:.{0,40}(?:password|passwd|client_?secret|api_?key|private_?key)|authorization|cookie)$/i;

/** A field whose name says that it holds a secret, whatever that looks like. */
function byName(name: string, value: Json): Json {
  return typeof value === "string" && value !== "" && SECRET_NAME.test(name) ? REDACTED : value;
}
