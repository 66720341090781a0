import { randomBytes } from "node:crypto";
import { KINDS, PHRASES, written } from "@shiplog/testkit/canaries";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createRedactor, type Tail } from "./index.ts";

const owned = [
  randomBytes(24).toString("base64url"),
  `${randomBytes(6).toString("hex")}/"${randomBytes(6).toString("hex")}+é`,
  "aaab".repeat(4),
];
const redactor = createRedactor(owned);

/** What is given out of the pieces, one by one. */
function given(pieces: readonly string[]): string[] {
  let tail: Tail | null = null;
  const out: string[] = [];
  for (const more of pieces) {
    const piece: { text: string; tail: Tail } = redactor.piece(tail, more);
    out.push(piece.text);
    tail = piece.tail;
  }
  return tail ? [...out, redactor.rest(tail)] : out;
}

function cutAt(text: string, places: readonly number[]): string[] {
  const all = [...new Set([0, ...places.map((place) => place % (text.length + 1)), text.length])];
  all.sort((a, b) => a - b);
  return all.slice(1).map((end, index) => text.slice(all[index], end));
}

const SECRETS = [
  ...Object.values(KINDS).map((make) => make()),
  ...PHRASES.map(([text]) => text),
  ...owned.flatMap(written),
];

test("a secret of any kind, in two pieces cut anywhere and letter by letter, is what it is in one", () => {
  for (const secret of SECRETS) {
    const text = `take "${secret}", and go on`;
    const whole = redactor.text(text);
    expect(whole).toContain("[redacted]");
    for (let place = 1; place < text.length; place++) {
      expect(given(cutAt(text, [place])).join("")).toBe(whole);
    }
    expect(given([...text]).join("")).toBe(whole);
    expect(given([...secret]).join("")).toBe(redactor.text(secret));
  }
});

const fragment = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...SECRETS) },
  fc.constantFrom(...SECRETS).chain((secret) => fc.nat(secret.length).map((end) => secret.slice(0, end))),
  fc.constantFrom(...SECRETS).chain((secret) => fc.nat(secret.length).map((start) => secret.slice(start))),
  fc.string({ maxLength: 12, unit: "grapheme" }),
  fc.constantFrom(
    " ",
    "\n",
    "=",
    ": ",
    "'",
    '"',
    "-",
    "_",
    "@",
    "://",
    ".",
    "key",
    "api_",
    "token",
    "password",
    "Bearer ",
  ),
);

test("any text in any pieces comes out as in one", () => {
  fc.assert(
    fc.property(
      fc.array(fragment, { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(4_000), { maxLength: 12 }),
      (fragments, places) => {
        const text = fragments.join("");
        expect(given(cutAt(text, places)).join("")).toBe(redactor.text(text));
      },
    ),
    { numRuns: 1_500 },
  );
});

test("prose is given out as it comes but for the last word", () => {
  const prose =
    "The worker inspects https://example.org:8080/a?b=c, then sends 3 keys: token, secret and password. Basic\n" +
    "--- in the end the developer, a risk-taker, asks (why?) and gets answers = none; $ sudo npm_config=x pnpm i\n";
  const pieces = prose.split(/(?<=\s)/);
  let held = "";
  for (const [index, text] of given(pieces).entries()) {
    held += pieces[index] ?? "";
    expect(held.startsWith(text)).toBe(true);
    held = held.slice(text.length);
    expect(held).toMatch(/^\S*\s?$/);
  }
  expect(held).toBe("");
});
