import { type Generated, generate, type Random, type Values } from "../authorization/generate.ts";
import type { Target } from "../authorization/target.ts";

/** Texts that have broken programs before. */
const NASTY: readonly string[] = [
  ...["", " ", "\0", "\ud800", "null", "../../../etc/passwd", "%00", "' OR 1=1 --", "{{7*7}}", "\u202e"],
  ...["__proto__", "a".repeat(5_000), "prj_", "-1", "9".repeat(40), "\\u0000", "💣", "2026-02-30"],
];

const SCALARS: Readonly<Record<string, readonly unknown[]>> = {
  Int: [1, 5, 100, 0, -1, 101, 2 ** 31 - 1, -(2 ** 31)],
  BigInt: ["0", 7, "-1", "9223372036854775807", "9223372036854775808", "-9999999999999999999"],
  DateTime: [
    ...["2026-03-02T09:00:00.000Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999-12:00"],
    ...["2026-03-02T09:00:00.123456789+14:00", "2026-03-02t24:00:00z"],
  ],
  JSON: [{}, [], null, "\0", { a: { b: ["\ud800"] } }, 1e308, { text: "\0", __proto__: 1 }, [[[[[[]]]]]]],
};

/** What would leave the rest of the run without its world is done to another project. */
const DESTRUCTIVE = /^(delete|update)Project$/;

/** Real and hostile values. */
function valuesOf(kept: Target, spare: Target): Values {
  const nasty = (random: Random) => random.pick(NASTY);
  return {
    id(random, field, argument) {
      if (random.chance(0.15)) return nasty(random);
      const { nodes, external, ended, session, identity } = DESTRUCTIVE.test(field) ? spare : kept;
      const named = argument === "projectId" || /^(project|deleteProject|updateProject)$/.test(field);
      if (named && random.chance(0.9)) return nodes.Project ?? "";
      return random.pick([...Object.values(nodes), external, ended, session, identity]);
    },
    cursor: (random) =>
      random.chance(0.5)
        ? Buffer.from(`${random.pick(TIMES)}.${kept.rows.projectId}`).toString("base64url")
        : nasty(random),
    text: (random) => (random.chance(0.3) ? nasty(random) : undefined),
    scalar(random, type) {
      const values = SCALARS[type];
      return values && random.chance(0.5) ? random.pick(values) : undefined;
    },
  };
}

const TIMES = ["1767225600000", "0", "-1", "8640000000000000", "1e15", "0x10", "-62198755200001"];

export interface FuzzRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The document as it was sent; null where the request holds none that can be read. */
  readonly document: string | null;
}

const JSON_TYPE = { "content-type": "application/json" };

/** Two in three as they should be, the others broken in one way. */
export function makeRequest(random: Random, kept: Target, spare: Target): FuzzRequest {
  const kind = random.chance(0.7) ? "query" : "mutation";
  const made = generate(random, valuesOf(kept, spare), kind);
  return random.chance(0.67) ? sent(made.document, made.variables) : random.pick(BREAKS)(random, made);
}

function sent(document: string, variables: unknown, more: object = {}): FuzzRequest {
  const body = JSON.stringify({ query: document, variables, ...more });
  return { method: "POST", headers: JSON_TYPE, body, document };
}

const unread = (body: string, headers: Record<string, string> = JSON_TYPE): FuzzRequest => ({
  ...{ method: "POST", headers, body, document: null },
});

type Break = (random: Random, made: Generated) => FuzzRequest;

const BREAKS: readonly Break[] = [
  // A piece of the document is lost, or said twice.
  (random, { document, variables }) => {
    const [from, to] = [cut(random, document), cut(random, document)];
    return sent(document.slice(0, from) + document.slice(to), variables);
  },
  (random, { document, variables }) => {
    const at = cut(random, document);
    return sent(
      document.slice(0, at) + random.pick([...NASTY, "{", "}", "@skip", "...", "$v0"]) + document.slice(at),
      variables,
    );
  },
  // Variables of other types, of none, or of none that is declared.
  (random, { document, variables }) => sent(document, scrambled(random, variables)),
  (random, { document }) => sent(document, random.pick<unknown>([null, [], 1, "x", {}, { v9: 1 }])),
  (random, { document, variables }) =>
    sent(
      document,
      variables,
      random.pick<object>([{ operationName: "Nope" }, { operationName: 1 }, { extensions: [] }]),
    ),
  // No document, or no JSON.
  (random) =>
    unread(random.pick(["", "{", "null", "[]", "[{}]", '"x"', "{}", '{"query":1}', "[".repeat(5_000)])),
  (random, { document }) => unread(JSON.stringify({ query: document }).slice(0, cut(random, document) + 1)),
  (random, { document, variables }) =>
    unread(
      JSON.stringify([{ query: document, variables }]),
      random.pick<Record<string, string>>([JSON_TYPE, {}]),
    ),
  (random, { document }) =>
    unread(document, {
      "content-type": random.pick(["application/graphql", "text/plain", "multipart/form-data", "x"]),
    }),
  (random, { document, variables }) => ({
    ...sent(document, variables),
    headers: {
      ...JSON_TYPE,
      authorization: random.pick(["Bearer x", "Basic eDp5", "Bearer", "Bearer a.b.c"]),
    },
  }),
];

function cut(random: Random, text: string): number {
  return Math.floor(random.next() * text.length);
}

function scrambled(random: Random, value: unknown): unknown {
  if (typeof value === "object" && value !== null && !random.chance(0.2)) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, scrambled(random, one)]));
  }
  return random.chance(0.5)
    ? value
    : random.pick<unknown>([...NASTY, ...(SCALARS.Int ?? []), null, true, [], {}]);
}
