import { Writable } from "node:stream";
import { correlate, correlationOf } from "@shiplog/core";
import { expect, it } from "vitest";
import { createLog, type ProcessLog } from "./log.ts";

function capture(level: Parameters<typeof createLog>[0] = "debug"): { log: ProcessLog; text: () => string } {
  let text = "";
  const sink = new Writable({
    write(chunk, _, done) {
      text += String(chunk);
      done();
    },
  });
  return { log: createLog(level, sink), text: () => text };
}

const SECRET = "hunter2-Zx9";

it("names its levels, and writes nothing below the one that is set", () => {
  const all = capture();
  const some = capture("error");
  for (const { log } of [all, some]) {
    for (const level of ["debug", "info", "warn", "error", "critical"] as const) log[level]({}, level);
  }
  const levels = (text: string) =>
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).level);
  expect(levels(all.text())).toEqual(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]);
  expect(levels(some.text())).toEqual(["ERROR", "CRITICAL"]);
});

it("cuts secrets by the field's name at any depth, and whole variables", () => {
  const { log, text } = capture();
  const deep = {
    a: [{ b: { c: { accessToken: SECRET, newPassword: { value: SECRET }, kept: "visible" } } }],
  };
  const headers = {
    Authorization: `Bearer ${SECRET}`,
    cookie: SECRET,
    "Set-Cookie": [SECRET],
    "x-hub-signature-256": SECRET,
    "X-Hub-Signature": SECRET,
  };
  const cause = Object.assign(new Error("inner"), { password: SECRET });
  const error = Object.assign(new Error("outer", { cause }), { config: { headers, sent: SECRET } });
  log.error({ deep, headers, variables: { anything: SECRET }, error, list: [{ secret: SECRET }] }, "failed");
  log.error({ map: new Map([["client_secret", SECRET]]), sent: new Headers({ authorization: SECRET }) }, "x");
  log.info({ usage: { inputTokens: 12n, outputTokens: 3 } }, "counted");
  expect(text()).not.toContain(SECRET);
  expect(text()).toContain("visible");
  expect(text()).toContain('"inputTokens":"12","outputTokens":3');
  const [line] = text().split("\n");
  expect(JSON.parse(line ?? "").error).toMatchObject({
    type: "Error",
    message: "outer",
    cause: { message: "inner" },
  });
});

it("cuts secrets by their shape in the middle of any text", () => {
  const { log, text } = capture();
  const jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl";
  log.warn(
    { error: new Error(`connect postgresql://me:${SECRET}@db:5432/x failed; sent Bearer ${SECRET}; ${jwt}`) },
    `password=${SECRET} for ghp_${"a".repeat(36)}`,
  );
  expect(text()).not.toContain(SECRET);
  expect(text()).not.toContain(jwt);
  expect(text()).not.toContain("ghp_aaaa");
  expect(text()).toContain("postgresql://me:[redacted]@db:5432/x");
});

it("writes one line that no terminal acts on, whatever the values are", () => {
  const { log, text } = capture();
  const forged = '\r\n{"level":"CRITICAL","msg":"forged"}\r\n';
  const colours = "\u001b[31mred\u009b2J\u007f\u2028\u202e";
  log.info(
    { title: forged + colours, [`key${forged}`]: 1, error: new Error(forged) },
    `said ${forged}${colours}`,
  );
  const lines = text().split("\n");
  expect(lines).toHaveLength(2);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "INFO" });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  expect(lines[0]).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u202e]/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: nor once it is parsed
  expect(JSON.parse(lines[0] ?? "").title).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
});

it("bounds what it writes, also of what refers to itself", () => {
  const { log, text } = capture();
  const ring: Record<string, unknown> = {
    long: "x".repeat(1_000_000),
    many: Array.from({ length: 10_000 }, String),
  };
  ring.self = ring;
  log.error(ring, "large");
  // Each of its parts is within bounds.
  const wide = (depth: number): object =>
    Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`k${i}`, depth > 0 ? wide(depth - 1) : "y".repeat(4_000)]),
    );
  log.error(wide(2), "wide");
  const [large = "", wider = ""] = text().split("\n");
  expect(JSON.parse(large)).toMatchObject({ level: "ERROR", many: { length: 50 } });
  expect(JSON.parse(wider)).toMatchObject({ level: "ERROR", k0: { k0: { k0: "y".repeat(4_000) } } });
  for (const line of [large, wider]) expect(line.length).toBeLessThan(200_000);
});

it("bounds no text in the middle of a secret", () => {
  const { log, text } = capture();
  const canary = "ghp_".padEnd(40, "4f7a");
  for (let at = 8_150; at < 8_200; at++) log.error({ text: `${"x ".repeat(at >> 1)}${canary} ` }, "long");
  expect(text()).not.toContain("ghp");
});

it("carries the id of the request at hand", async () => {
  const { log, text } = capture();
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const newId = () => "made-anew-1";
  const tried = [
    { requestId: "given-by-caller.1" },
    { requestId: 'bad\n{"level"', traceparent },
    { requestId: "short", traceparent: "00-zz" },
    { requestId: "x".repeat(65), traceparent: `00-${"0".repeat(32)}-b7ad6b7169203331-01` },
  ];
  for (const carried of tried) {
    await correlate(correlationOf(carried, newId), async () => {
      await Promise.resolve();
      log.info({}, "within");
    });
  }
  log.info({}, "outside");
  const ids = text()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).requestId);
  expect(ids).toEqual([
    "given-by-caller.1",
    "0af7651916cd43dd8448eb211c80319c",
    "made-anew-1",
    "made-anew-1",
    undefined,
  ]);
});
