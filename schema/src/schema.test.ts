import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  type GraphQLField,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  isUnionType,
} from "graphql";
import { describe, expect, it } from "vitest";
import { createSchema } from "./index.ts";
import { isVisibleModel } from "./shared/visible.ts";

const schema = createSchema();
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !type.name.startsWith("__") && !isSpecifiedScalarType(type),
);

interface Field {
  readonly place: string;
  readonly field: GraphQLField<unknown, unknown>;
}

const fields: Field[] = types.flatMap((type) =>
  isObjectType(type) || isInterfaceType(type)
    ? Object.values(type.getFields()).map((field) => ({ place: `${type.name}.${field.name}`, field }))
    : [],
);

/** Every element with its description. */
function* elements(): Generator<[string, string | null | undefined]> {
  for (const directive of schema.getDirectives()) {
    if (!isSpecifiedDirective(directive)) yield [`@${directive.name}`, directive.description];
  }
  for (const type of types) {
    yield [type.name, type.description];
    if (isEnumType(type)) {
      for (const value of type.getValues()) yield [`${type.name}.${value.name}`, value.description];
    }
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields()))
        yield [`${type.name}.${field.name}`, field.description];
    }
  }
  for (const { place, field } of fields) {
    yield [place, field.description];
    for (const argument of field.args) yield [`${place}(${argument.name})`, argument.description];
  }
}

describe("the schema", () => {
  it("describes every element, in more words than its name", () => {
    const bad = [...elements()].filter(([place, text]) => {
      const name = place.split(/[.(]/).at(-1)?.replace(")", "").toLowerCase() ?? "";
      return !text || text.trim().length < 5 || text.toLowerCase().replaceAll(/[^a-z]/g, "") === name;
    });
    expect(bad).toEqual([]);
  });

  it("has upper-case enum values", () => {
    const values = types.filter(isEnumType).flatMap((type) => type.getValues().map((value) => value.name));
    expect(values.filter((value) => value !== value.toUpperCase())).toEqual([]);
  });

  it("answers every mutation with a union of a payload and errors, from one input", () => {
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      const name = `${field.name[0]?.toUpperCase()}${field.name.slice(1)}`;
      expect(String(field.type)).toBe(`${name}Result!`);
      expect(field.args.map((argument) => `${argument.name}: ${argument.type}`)).toEqual([
        `input: ${name}Input!`,
      ]);
    }
  });

  it("is what schema.graphql says, printed without database or environment", () => {
    const cli = fileURLToPath(new URL("cli/print.ts", import.meta.url));
    const run = spawnSync(process.execPath, [cli, "--check"], { env: {}, encoding: "utf8" });
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
  });
});

describe("access", () => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];

  it("is ruled on every root field: closed by scopes, or marked as public", () => {
    const open = roots.flatMap((root) =>
      Object.values(root?.getFields() ?? {})
        .filter((field) => !optionsOf(field).authScopes)
        .map((field) => `${root?.name}.${field.name}`),
    );
    expect(open).toEqual([]);
  });

  it("is public for nothing but `viewer`", () => {
    const open = roots.flatMap((root) =>
      Object.values(root?.getFields() ?? {}).filter((field) => optionsOf(field).authScopes?.public),
    );
    expect(open.map((field) => field.name)).toEqual(["viewer"]);
  });

  it("has a tenant filter on every field that leads to rows", () => {
    const open = fields.filter(({ place, field }) => leadsToRows(field) && !isBounded(place, field));
    expect(open.map(({ place }) => place)).toEqual([]);
  });
});

interface Options {
  readonly authScopes?: Readonly<Record<string, unknown>>;
}

function optionsOf(field: GraphQLField<unknown, unknown>): Options {
  return (field.extensions.pothosOptions ?? {}) as Options;
}

/** The field gives objects of a model, a page of them, or a union or interface of them. */
function leadsToRows(field: GraphQLField<unknown, unknown>): boolean {
  const type = getNamedType(field.type);
  if (type.name === "Node") return true;
  if (type.name.endsWith("Connection")) return true;
  const members = "getTypes" in type ? type.getTypes() : [type];
  return members.some((member) => isVisibleModel(member.name));
}

/**
 * Bounded by the filter of its own model, or reached from a row within the same project: by a relation, or marked
 * so. A user is of many projects, so nothing may be reached through one.
 */
function isBounded(place: string, field: GraphQLField<unknown, unknown>): boolean {
  const { visibility, pothosPrismaRelationField: relation } = field.extensions as {
    visibility?: string;
    pothosPrismaRelationField?: unknown;
  };
  const [parent = ""] = place.split(".");
  const type = getNamedType(field.type);
  if (visibility === "*") return type.name === "Node" || isUnionType(type);
  if (visibility === "parent") return parent !== "Query" && parent !== "User";
  if (visibility !== undefined) return type.name.replace(/Connection$/, "") === visibility;
  if (relation !== undefined) return isVisibleModel(parent) && parent !== "User";
  // The entries of a page: the page itself was bounded.
  return parent.endsWith("Edge");
}
