import { expect, it } from "vitest";
import { idsOf, withIds } from "./documents.ts";

const ids = idsOf({
  "sha256:1": "query Runs($id: ID!) { run { __typename ...Row } } fragment Row on Run { id }",
  "sha256:2": "mutation Cancel { cancel { __typename } }",
});

it("puts ids in the place of operations and leaves fragments out", () => {
  const code = [
    "export const ROW = graphql(`\n  fragment Row on Run { id }\n`);",
    "export const RUNS = graphql(`\n  query Runs($id: ID!) { run { ...Row } }\n`);",
    "const [A] = [graphql(`mutation Cancel { cancel }`)];",
  ].join("\n");
  expect(withIds(code, ids)).toBe(
    'export const ROW = graphql("");\nexport const RUNS = graphql("sha256:1");\nconst [A] = [graphql("sha256:2")];',
  );
});

it("fails the build for a document that the manifest lacks", () => {
  expect(() => withIds("graphql(`query New { a }`)", ids)).toThrow("The document New");
});
