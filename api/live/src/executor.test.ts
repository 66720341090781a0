import {
  buildSchema,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLObjectType,
  parse,
  validate,
} from "graphql";
import { afterEach, expect, test } from "vitest";
import { executeOften } from "./executor.ts";

const schema = buildSchema(`
  type Query { ok: Boolean }
  interface Event { seq: Int! text: String }
  type A implements Event { seq: Int! text: String only: String }
  type B implements Event { seq: Int! text: String }
  enum Kind { ONE }
  type Missing { cursor: String gone: String! late: String! kind: Kind other: Event refused: String }
  type Batch { missing: Missing events: [Event!]! cursor(after: String, at: Float, in: In): String! }
  input In { text: String }
  type Subscription { batch: Batch! }
`);
const events = [
  { __typename: "A", seq: 1, text: "t", only: "o" },
  { __typename: "B", seq: 2, text: "u" },
];
const missing = { cursor: "", gone: null, kind: "TWO", other: { __typename: "C" } };
const rootValue = { batch: { events, missing } };
const cursor = (schema.getType("Batch") as GraphQLObjectType).getFields().cursor;
if (cursor) cursor.resolve = (_batch, args) => JSON.stringify(args);
const { late, refused } = (schema.getType("Missing") as GraphQLObjectType).getFields();
if (late) late.resolve = async () => null;
if (refused)
  refused.resolve = () => {
    throw new GraphQLError("Not for you", { extensions: { code: "FORBIDDEN" } });
  };

interface Row {
  readonly name: string;
  readonly text: string;
  readonly variables?: Record<string, unknown>;
  readonly operation?: string;
}

const rows: Row[] = [
  {
    name: "a fragment spread twice, once on a condition",
    text: "subscription($a: Boolean!) { batch { events { ...F @include(if: $a) ...F } } } fragment F on Event { seq text }",
    variables: { a: false },
  },
  {
    name: "a fragment spread twice, once skipped",
    text: "subscription($a: Boolean!) { batch { ...F @skip(if: $a) ...F } } fragment F on Batch { cursor }",
    variables: { a: true },
  },
  {
    name: "a fragment in one that is left out",
    text: "subscription($a: Boolean!) { batch { ...G @include(if: $a) ...F } } fragment G on Batch { ...F } fragment F on Batch { cursor }",
    variables: { a: false },
  },
  {
    name: "the second of two operations",
    text: "subscription A($a: Boolean!) { batch { ...F @include(if: $a) } } subscription B { batch { ...F cursor } } fragment F on Batch { events { seq } }",
    variables: { a: false },
    operation: "B",
  },
  {
    name: "a field named twice",
    text: "subscription($a: Boolean!) { batch { cursor @include(if: $a) cursor } }",
    variables: { a: false },
  },
  {
    name: "an object named twice, once on a condition",
    text: "subscription($a: Boolean!) { batch { events @include(if: $a) { seq } events { text } } }",
    variables: { a: false },
  },
  { name: "an alias that objects inherit", text: "subscription { batch { __proto__: cursor x: cursor } }" },
  {
    name: "types and fragments",
    text: "subscription { batch { __typename events { __typename t: __typename ... on A { only } ...F } } } fragment F on Event { seq }",
  },
  { name: "a text", text: 'subscription { batch { cursor(after: "a\\"b") } }' },
  {
    name: "a variable",
    text: "subscription($after: String, $at: Float) { batch { cursor(after: $after, at: $at) } }",
    variables: { after: '"`{1}\\', at: 1.5 },
  },
  {
    name: "variables with defaults that are not sent",
    text: "subscription($on: Boolean! = true, $at: Float! = 2) { batch { cursor(at: $at) events @include(if: $on) { seq } } }",
  },
  {
    name: "a number by default that is not sent",
    text: "subscription($at: Float! = 2) { batch { cursor(at: $at) } }",
  },
  ...["constructor", "toString", "__proto__", "hasOwnProperty"].map((name) => ({
    name: `a variable named ${name} that is not sent`,
    text: `subscription($${name}: String) { batch { cursor(after: $${name}) } }`,
  })),
  { name: "an object", text: 'subscription { batch { cursor(in: { text: "x" }) } }' },
];

/** The answer of each of several executions, of which the second compiles the document, if it may be. */
async function answers({ text, variables = {}, operation }: Row): Promise<ExecutionResult[]> {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const common = { schema, document, rootValue, contextValue: {}, variableValues: variables, compileAt: 2 };
  const made: ExecutionResult[] = [];
  for (let n = 0; n < 4; n++) {
    if (operation) await executeOften({ ...common, operationName: "A" });
    made.push(await executeOften({ ...common, operationName: operation ?? null }));
    // It is compiled in a turn of its own.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return made;
}

test.each(rows)("often or once, the answer is the same: $name", async (row) => {
  const { text, variables, operation } = row;
  const once = await execute({
    schema,
    document: parse(text),
    rootValue,
    variableValues: variables,
    operationName: operation,
  });
  const expected = JSON.stringify(once);
  expect((await answers(row)).map((one) => JSON.stringify(one))).toEqual(new Array(4).fill(expected));
});

test.each([
  ["a null that must not be", "subscription { batch { missing { cursor gone } } }"],
  ["a null that must not be and takes a while", "subscription { batch { missing { late } } }"],
  ["a value that its type does not have", "subscription { batch { missing { kind } } }"],
  ["a type that is none", "subscription { batch { missing { other { seq } } } }"],
  ["what a resolver throws", "subscription { batch { missing { cursor refused } } }"],
])(
  "often or once, a fault has the same place and the same cause, by which it is hidden: %s",
  async (_fault, text) => {
    const once = await execute({ schema, document: parse(text), rootValue });
    expect(once.errors).toHaveLength(1);
    const told = ({ data, errors }: ExecutionResult) =>
      JSON.stringify([data, errors?.map((error) => [error, String(error.originalError)])]);
    expect((await answers({ name: "", text })).map(told)).toEqual(new Array(4).fill(told(once)));
  },
);

const seen = globalThis as { shiplogRan?: number };
afterEach(() => {
  seen.shiplogRan = undefined;
});

test.each([
  ["an argument", (text: string) => `subscription { batch { cursor(after: ${text}) } }`],
  ["a field of an object", (text: string) => `subscription { batch { cursor(in: { text: ${text} }) } }`],
  ["a default", (text: string) => `subscription($a: String = ${text}) { batch { cursor(after: $a) } }`],
  ["a directive", (text: string) => `subscription { batch { cursor(after: ${text}) @include(if: true) } }`],
])("no text of a document is ever run as a program: %s", async (_place, documentOf) => {
  // What graphql-jit writes into its program as `new Date(...)`, plainly and with an escape.
  const mark = "__MAGIC_DATE__33a9e76d-02e0-4128-8e92-3530ad3da74d";
  for (const text of [mark, `${mark}`.replace("__MAGIC", "\\u005f_MAGIC"), mark.replaceAll("-", "_")])
    for (const row of [JSON.stringify, (one: string) => `"""${one}"""`, (one: string) => `"${one}"`])
      await answers({ name: "", text: documentOf(row(`${text}globalThis.shiplogRan = 1`)) });
  expect(seen.shiplogRan).toBeUndefined();
});
