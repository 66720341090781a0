import { expect, test } from "vitest";
import { withoutHints } from "./rules.ts";

test("a message says what is wrong, and nothing of what the schema has instead", () => {
  expect(withoutHints('Cannot query field "x" on type "Query". Did you mean "a" or "b"?')).toBe(
    'Cannot query field "x" on type "Query".',
  );
  expect(withoutHints('Unknown type "Foo".')).toBe('Unknown type "Foo".');
  const value = "Did you mean that? ".repeat(3);
  expect(
    withoutHints(`Variable "$x" got invalid value "${value}"; Int cannot represent it: "${value}"`),
  ).toBe(`Variable "$x" got invalid value "${value}"; Int cannot represent it: "${value}"`);
});

test("a value as long as a request is told in part, and takes no time to look at", () => {
  const value = "Did you mean ".repeat(600_000);
  const told = withoutHints(`Variable "$n" got invalid value "${value}"; Int cannot represent this.`);
  expect(told.length).toBeLessThan(1_000);
  expect(told).toMatch(/^Variable "\$n" got invalid value "Did you mean .*….*Int cannot represent this\.$/);
});
