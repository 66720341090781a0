import { KINDS, PHRASES } from "@shiplog/testkit/canaries";
import { cutShare, logText, sourceText } from "@shiplog/testkit/clean_text";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createRedactor } from "./index.ts";

const redactor = createRedactor();

test("finds every kind of secret by its form, hundreds of each", () => {
  const missed = Object.entries(KINDS).flatMap(([name, make]) =>
    Array.from({ length: 200 }, make)
      .filter((secret) => redactor.text(`the value is ${secret}, take care`).includes(secret.slice(4, 24)))
      .map(() => name),
  );
  expect(missed).toEqual([]);
  for (const [text, secret] of PHRASES) expect(redactor.text(text)).not.toContain(secret);
});

test("finds its own secrets in every encoding, wherever they begin", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 10, maxLength: 60, unit: "binary-ascii" }).filter((s) => s.trim().length >= 10),
      fc.string({ maxLength: 9, unit: "grapheme-ascii" }),
      fc.string({ maxLength: 9, unit: "grapheme-ascii" }),
      (secret, before, after) => {
        const own = createRedactor([secret]);
        const around = `${before}${secret}${after}`;
        for (const [text, form] of [
          [around, secret],
          [JSON.stringify(around), JSON.stringify(secret).slice(1, -1)],
          [encodeURIComponent(around), encodeURIComponent(secret)],
          [Buffer.from(around).toString("hex"), Buffer.from(secret).toString("hex")],
        ] as const) {
          expect(own.text(text)).not.toContain(form);
        }
        for (const encoding of ["base64", "base64url"] as const) {
          const encoded = Buffer.from(around).toString(encoding);
          const clean = own.text(encoded);
          // What is left of it does not hold the middle of the secret.
          const middle = Buffer.from(secret).subarray(3, -3).toString();
          expect(Buffer.from(clean.split("[redacted]")[0] ?? "", encoding).toString()).not.toContain(middle);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("leaves alone what is none", () => {
  const clean = [
    "const token: string = readToken(input); // the key of the map",
    "import { createSecretBox } from './secrets.ts';",
    "password: PasswordHasher",
    "GET https://example.org:8080/a/b@c?token=next 200 13ms",
    "commit 4f0c1a2b3d4e5f60718293a4b5c6d7e8f9012345",
    "the risk-averse task-runner",
    "key=value; secret=; token = tokens[0]",
    "usr_01kaq3v8x2d5w0y9b7c4e6f1g3 prj_01kaq3v8x2d5w0y9b7c4e6f1g3",
    "const password = await prompt(question)",
  ];
  for (const line of clean) expect(redactor.text(line)).toBe(line);
  const value = { a: ["b", { c: 1 }], d: null };
  expect(redactor.json(value)).toBe(value);
  const json = { env: { API_KEY: "short", list: ["ghp_".padEnd(40, "a")] }, ok: true };
  expect(redactor.json(json)).toEqual({ env: { API_KEY: "[redacted]", list: ["[redacted]"] }, ok: true });
});

test("of five million characters of clean logs, and of this program itself, hardly a line is cut", () => {
  const logs = logText();
  expect(logs.length).toBeGreaterThan(5_000_000);
  expect(cutShare(redactor, logs)).toBeLessThan(0.01);
  // Its text is full of words like token and key; what is cut are made-up secrets of tests.
  expect(cutShare(redactor, sourceText())).toBeLessThan(0.5);
});

test("is not slowed down by any text", () => {
  for (const piece of [
    "eyJ",
    "a.",
    "://:",
    "password=",
    "-----BEGIN PRIVATE KEY",
    "token=A",
    "sk-",
    "slk_0",
  ]) {
    const text = piece.repeat(Math.ceil(200_000 / piece.length));
    const started = performance.now();
    redactor.text(text);
    expect(performance.now() - started, piece).toBeLessThan(5_000);
  }
});
