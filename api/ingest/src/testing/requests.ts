import { createHmac } from "node:crypto";
import fc from "fast-check";
import { type Document, deref, type Operation, type Schema } from "./openapi.ts";

/** Values that occur in the test's database, so that some generated requests get past the first check. */
export interface World {
  /** By member or path parameter name. */
  readonly values: Readonly<Record<string, readonly string[]>>;
  readonly authorizations: readonly string[];
  readonly cookies: readonly string[];
  readonly origins: readonly string[];
  /** Secret of the integration among the values. */
  readonly webhookSecret: string;
}

export interface GeneratedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

const NASTY = [
  "\0",
  "\ud800",
  "null",
  "../../../etc/passwd",
  "%00",
  "%ff",
  "' OR 1=1 --",
  "{{7*7}}",
  "\u202e",
  "a".repeat(5000),
];

/** Anything of JSON, hostile strings included. */
const anything = fc.oneof(fc.constantFrom(...NASTY), fc.jsonValue({ maxDepth: 3 }));

function text(schema: Schema): fc.Arbitrary<string> {
  const { minLength = 0, maxLength = 60 } = schema;
  const plain = fc.string({ minLength, maxLength: Math.min(maxLength, 60), unit: "grapheme" });
  return schema.pattern ? plain.filter((value) => new RegExp(schema.pattern ?? "").test(value)) : plain;
}

/** Values that the schema allows. */
function valid(document: Document, schema: Schema, world: World, name = ""): fc.Arbitrary<unknown> {
  const full = deref(document, schema);
  const known = world.values[name];
  if (full.enum) return fc.constantFrom(...full.enum);
  if (full.anyOf) return fc.oneof(...full.anyOf.map((one) => valid(document, one, world, name)));
  const types = [full.type ?? "object"].flat();
  return fc.oneof(...types.map((type) => ofType(type, full))).chain((value) => {
    const keep = known === undefined || typeof value !== "string";
    return keep ? fc.constant(value) : fc.oneof(fc.constant(value), fc.constantFrom(...known));
  });

  function ofType(type: string, one: Schema): fc.Arbitrary<unknown> {
    switch (type) {
      case "string":
        return text(one);
      case "null":
        return fc.constant(null);
      case "boolean":
        return fc.boolean();
      case "number":
      case "integer":
        return fc.integer();
      case "array":
        return fc.array(valid(document, one.items ?? {}, world), { maxLength: 5 });
      default:
        return record(one);
    }
  }

  function record(one: Schema): fc.Arbitrary<unknown> {
    if (!one.properties) return fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 });
    const members = Object.entries(one.properties).map(
      ([key, member]) => [key, valid(document, member, world, key)] as const,
    );
    return fc.record(Object.fromEntries(members), { requiredKeys: [...(one.required ?? [])] });
  }
}

/** The same value with a member dropped, replaced or added, or something else altogether. */
function broken(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return anything;
  const keys = Object.keys(value);
  const changes: fc.Arbitrary<unknown>[] = [
    anything,
    fc.tuple(fc.string(), anything).map(([key, one]) => ({ ...value, [key]: one })),
  ];
  if (keys.length > 0) {
    const key = fc.constantFrom(...keys);
    changes.push(fc.tuple(key, anything).map(([one, changed]) => ({ ...value, [one]: changed })));
    changes.push(
      key.map((one) => Object.fromEntries(Object.entries(value).filter(([name]) => name !== one))),
    );
  }
  return fc.oneof(...changes);
}

function bodies(document: Document, operation: Operation, world: World): fc.Arbitrary<string | null> {
  const content = operation.requestBody?.content["application/json"];
  if (!content) return fc.constant(null);
  const good = valid(document, content.schema, world);
  const json = (value: unknown) => JSON.stringify(value) ?? "null";
  return fc.oneof(
    { weight: 4, arbitrary: good.map(json) },
    { weight: 4, arbitrary: good.chain(broken).map(json) },
    { weight: 1, arbitrary: good.map((value) => json(value).slice(0, -1)) },
    { weight: 1, arbitrary: fc.string() },
    { weight: 1, arbitrary: fc.constantFrom("", "{", "x".repeat(70_000), "[".repeat(5_000)) },
    { weight: operation.requestBody?.required ? 1 : 3, arbitrary: fc.constant(null) },
  );
}

/** Values that HTTP itself lets through; the client refuses to send others. */
const headerValue = fc.string({ maxLength: 40 }).map((value) => value.replace(/[^\x20-\x7e]/g, "").trim());

function headers(world: World): fc.Arbitrary<Record<string, string>> {
  const often = <T>(usual: readonly T[], odd: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: odd });
  const some = fc.record(
    {
      authorization: often(world.authorizations, headerValue),
      cookie: often(world.cookies, headerValue),
      origin: often(world.origins, headerValue),
      "sec-fetch-site": often(["same-origin", "none", "cross-site", "same-site"], headerValue),
      "x-request-id": headerValue,
      "user-agent": headerValue,
      accept: headerValue,
      "x-github-event": often(["push", "ping", "workflow_run"], headerValue),
      "x-github-delivery": headerValue,
      "x-hub-signature-256": headerValue,
    },
    { requiredKeys: [] },
  );
  const type = often(
    ["application/json", "application/json; charset=utf-8"],
    fc.oneof(headerValue, fc.constantFrom("application/x-www-form-urlencoded", "text/plain")),
  );
  return fc.tuple(some, type).map(([rest, contentType]) => ({ ...rest, "content-type": contentType }));
}

function paths(path: string, world: World): fc.Arbitrary<string> {
  const names = [...path.matchAll(/\{(.+?)\}/g)].map((match) => match[1] ?? "");
  const segment = (name: string) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...(world.values[name] ?? ["x"])) },
      {
        weight: 1,
        arbitrary: fc.string({ minLength: 1 }).map((value) => encodeURIComponent(value.toWellFormed())),
      },
      { weight: 1, arbitrary: fc.constantFrom("%00", "%ff", "%E0%A4%A", "%2e%2e", "x".repeat(3_000)) },
    );
  return fc
    .tuple(...names.map(segment))
    .map((values) => values.reduce((text, value, at) => text.replace(`{${names[at]}}`, () => value), path));
}

/** Valid and broken requests of one operation; those of a webhook are properly signed in part. */
export function requestsOf(
  document: Document,
  where: { readonly method: string; readonly path: string; readonly operation: Operation },
  world: World,
): fc.Arbitrary<GeneratedRequest> {
  const method = where.method.toUpperCase();
  return fc
    .record({
      path: paths(where.path, world),
      headers: headers(world),
      body: method === "GET" ? fc.constant(null) : bodies(document, where.operation, world),
      query: fc.oneof(
        { weight: 4, arbitrary: fc.constant("") },
        { weight: 1, arbitrary: fc.webQueryParameters() },
      ),
      signed: fc.boolean(),
    })
    .map(({ path, headers: sent, body, query, signed }) => ({
      method,
      path: query ? `${path}?${query}` : path,
      headers: signed
        ? { ...HOOK, ...sent, "x-hub-signature-256": sign(world.webhookSecret, body ?? "") }
        : sent,
      body,
    }));
}

/** What a delivery must have besides its signature. */
const HOOK = { "x-github-event": "push", "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958" };

function sign(secret: string, body: string): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}
