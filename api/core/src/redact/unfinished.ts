import { PATTERNS } from "./patterns.ts";

/** Where a match begins that the end of the text cuts short, or might go on behind it. */
export interface Unfinished {
  readonly start: number;
  /** Where in it the secret begins: what stands before stays. */
  readonly secret: number;
}

const TOKEN =
  /\\.|\[(?:\\.|[^\]\\])*\]|\(\?(?:[:=!]|<[=!])|[()|$]|(?:[*+?]|\{\d+(?:,\d*)?\})\??|[^\\[()|$*+?{]/g;
const QUANTIFIER = /^(?:[*+?]|\{\d)/;

/**
 * The expression for a text that ends too early: where one of its characters is missing the end of the text stands for
 * it. What looks back or forbids stays as it is.
 */
function endsEarly(expression: RegExp): RegExp {
  const tokens = expression.source.match(TOKEN) ?? [];
  const exact: boolean[] = [];
  const parts = tokens.map((token) => {
    if (token.startsWith("(")) {
      exact.push(exact.at(-1) === true || (token.startsWith("(?") && !"=:".includes(token.slice(2))));
      return token;
    }
    if (token === ")") exact.pop();
    if (exact.at(-1) || QUANTIFIER.test(token) || [")", "|", "$"].includes(token)) return token;
    return `(?:${token}|$)`;
  });
  return new RegExp(parts.join(""), expression.flags.replace("y", "g"));
}

/** So many characters hold any anchor and what may stand before it. */
const NEAR = 128;

const EARLY = PATTERNS.map(({ anchors, expression, reach }) => ({
  words: anchors.map(([word]) => word),
  expression: endsEarly(expression),
  reach,
}));

/** The matches that are not decided before more text comes. */
export function unfinishedForms(text: string): Unfinished[] {
  const folded = text.slice(-12_200).toLowerCase();
  return EARLY.flatMap(({ words, expression, reach }) => {
    const far = reach > NEAR && words.some((word) => folded.includes(word));
    expression.lastIndex = Math.max(0, text.length - (far ? reach : NEAR));
    for (let match = expression.exec(text); match; match = expression.exec(text)) {
      const { index } = match;
      const end = index + match[0].length;
      if (end < text.length) {
        expression.lastIndex = index + 1;
        continue;
      }
      if (match[0] === "") return [];
      return [{ start: index, secret: index + (match[1]?.length ?? 0) }];
    }
    return [];
  });
}
