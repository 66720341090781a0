import { expect, it } from "vitest";
import { graphql } from "./graphql.ts";

// The tag is typed by the documents that exist; the mechanism is tested with others.
const tag = graphql as unknown as (source: string) => string;

it("adds the fragments that a document spreads, each once, nested ones too", () => {
  tag("fragment TestInner on Project { id }");
  tag("fragment TestOuter on Project { name ...TestInner }");
  const text = tag("query T { a { ...TestOuter ...TestInner ... on Project { slug } } }");
  expect(text.match(/fragment TestInner /g)).toHaveLength(1);
  expect(text.match(/fragment TestOuter /g)).toHaveLength(1);
});

it("says which fragment's module is not imported", () => {
  expect(() => tag("query T { a { ...Missing } }")).toThrow("The fragment Missing");
});
