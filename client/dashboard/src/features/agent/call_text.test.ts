import { expect, it } from "vitest";
import { mainArgument, resultLine } from "./call_text.ts";

it("says the argument that tells most, on one line", () => {
  expect(mainArgument({ timeout: 5, command: "pnpm\n  test" })).toBe("pnpm test");
  expect(mainArgument({ limit: 5, deep: { a: 1 } })).toBe('limit: 5, deep: {"a":1}');
  expect(mainArgument("raw")).toBe("raw");
  expect(mainArgument(null)).toBe("");
});

it("says a result on one line, its error first", () => {
  expect(resultLine({ exitCode: 1, stdout: "FAIL a.test.ts", stderr: "" })).toBe("FAIL a.test.ts");
  expect(resultLine({ error: "no such file", stdout: "x" })).toBe("no such file");
  expect(resultLine(["a", "b"])).toBe("2 entries");
  expect(resultLine(undefined)).toBe("");
});
