import { globSync, readFileSync } from "node:fs";
import { complexityFromQuery } from "@pothos/plugin-complexity";
import { encodeId } from "@shiplog/core";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { graphqlAs } from "@shiplog/testkit/graphql";
import { makePerson } from "@shiplog/testkit/people";
import {
  type DocumentNode,
  type GraphQLInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  type NamedTypeNode,
  parse,
  print,
  typeFromAST,
  validate,
} from "graphql";
import { describe, expect, it } from "vitest";
import { createSchema, LIMITS } from "./index.ts";
import { fillProject } from "./testing/world.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const filled = await fillProject(ctx, "pages", 7);
const { actor } = await makePerson(ctx, { [filled.projectId]: "owner" });
const client = graphqlAs(ctx, actor);
const id = encodeId("Project", filled.projectId);

const PAGE = `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  page: pipelineExecutions(projectId: $id, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { id createdAt } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;

interface Page {
  readonly edges: {
    readonly cursor: string;
    readonly node: { readonly id: string; readonly createdAt: string };
  }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly endCursor: string | null;
    readonly startCursor: string | null;
  };
}

const page = async (variables: object): Promise<Page> => (await client.data(PAGE, { id, ...variables })).page;
const ids = ({ edges }: Page) => edges.map((edge) => edge.node.id);

describe("pages", () => {
  it("come newest first, forwards and backwards, without hole or repeat", async () => {
    const all = await page({});
    expect(ids(all).length).toBe(7);
    const times = all.edges.map((edge) => edge.node.createdAt);
    expect(times).toEqual(times.toSorted().reverse());
    const forwards: string[] = [];
    let after: string | null = null;
    for (let more = true; more; ) {
      const part: Page = await page({ first: 3, after });
      forwards.push(...ids(part));
      ({ endCursor: after, hasNextPage: more } = part.pageInfo);
      expect(part.pageInfo.hasPreviousPage).toBe(forwards.length > 3);
    }
    expect(forwards).toEqual(ids(all));
    const last = await page({ last: 3 });
    expect(ids(last)).toEqual(ids(all).slice(-3));
    expect(last.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
    expect(ids(await page({ last: 3, before: last.pageInfo.startCursor }))).toEqual(ids(all).slice(1, 4));
  });

  it("stay in place while newer entries come and the cursor's own entry goes", async () => {
    const first = await page({ first: 3 });
    const rest = ids(await page({ after: first.pageInfo.endCursor }));
    const gone = ids(first).at(-1) ?? "";
    await fillProject(ctx, "elsewhere", 2);
    await ctx.db.pipelineExecution.update({
      where: { id: filled.pipelineId },
      data: { createdAt: new Date(ctx.clock.now().getTime() + 1_000) },
    });
    const row = await ctx.db.pipelineExecution.findFirst({
      where: { projectId: filled.projectId },
      orderBy: { createdAt: "desc" },
      skip: 2,
    });
    expect(encodeId("PipelineExecution", row?.id ?? "")).toBe(gone);
    await ctx.db.pipelineExecution.delete({ where: { id: row?.id } });
    expect(ids(await page({ after: first.pageInfo.endCursor }))).toEqual(rest);
  });

  it("break ties of time by id", async () => {
    await ctx.db.pipelineExecution.updateMany({
      where: { projectId: filled.projectId },
      data: { createdAt: ctx.clock.now() },
    });
    const all = ids(await page({}));
    const first = await page({ first: 2 });
    expect([...ids(first), ...ids(await page({ after: first.pageInfo.endCursor }))]).toEqual(all);
  });

  it("hold at most 100, and refuse what is no page", async () => {
    for (const variables of [
      { first: 101 },
      { last: 101 },
      { first: -1 },
      { first: 1, last: 1 },
      { after: "nonsense" },
      // Of the year -1, which PostgreSQL would not read.
      { before: Buffer.from(`-62198755200001.${filled.projectId}`).toString("base64url") },
    ]) {
      expect((await client.run(PAGE, { id, ...variables })).errors).toMatchObject([
        { code: "INVALID_INPUT" },
      ]);
    }
    expect(ids(await page({ first: 0 }))).toEqual([]);
  });

  it("are filtered by status and branch", async () => {
    const document = `query ($id: ID!, $status: [PipelineStatus!], $branch: String) {
      page: pipelineExecutions(projectId: $id, status: $status, branch: $branch) { edges { node { status branch } } } }`;
    const failed = (await client.data(document, { id, status: ["FAILED"] })).page.edges;
    expect(failed).toEqual([{ node: { status: "FAILED", branch: "main" } }]);
    const topic = (await client.data(document, { id, branch: "topic" })).page.edges;
    expect(topic.length).toBeGreaterThan(1);
    expect(new Set(topic.map((edge: { node: { branch: string } }) => edge.node.branch))).toEqual(
      new Set(["topic"]),
    );
    const tools =
      'query ($id: ID!) { aiActivities(projectId: $id, tool: "cursor") { edges { node { tool } } } }';
    expect((await client.data(tools, { id })).aiActivities.edges.length).toBe(3);
    const runs =
      "query ($id: ID!) { agentExecutions(projectId: $id, status: [FAILED, RUNNING]) { edges { node { status } } } }";
    expect((await client.data(runs, { id })).agentExecutions.edges.length).toBe(2);
    expect((await client.data("{ projects(status: ARCHIVED) { edges { cursor } } }")).projects.edges).toEqual(
      [],
    );
  });
});

describe("an operation that is too large is refused before it runs", () => {
  const refused = async (document: string) => {
    const { statements } = await countedRun(document);
    expect(statements).toEqual([]);
  };
  const countedRun = async (document: string) => {
    let codes: unknown[] = [];
    const statements = await database.statements(async () => {
      codes = (await client.run(document, { id })).errors.map((error) => error.code);
    });
    expect(new Set(codes)).toEqual(new Set(["QUERY_TOO_COMPLEX"]));
    return { statements };
  };

  it("by the number of objects", () =>
    refused(
      "query ($id: ID!) { pipelineExecutions(projectId: $id, first: 100) { edges { node { jobs { steps { name } } deployments { id } } } } }",
    ));

  it("by the size of a page that is not named", () =>
    refused("query ($id: ID!) { webhookDeliveries(projectId: $id) { edges { node { payload } } } }"));

  it("by depth", () =>
    refused(
      `query ($id: ID!) { project(id: $id) { repositories { id } summary { lastDeployment { project { summary { lastDeployment {
        project { summary { lastDeployment { project { summary { lastDeployment { id } } } } } } } } } } } } }`,
    ));

  it("by breadth", () =>
    refused(
      `query ($id: ID!) { ${Array.from({ length: 110 }, (_, i) => `p${i}: project(id: $id) { id }`).join(" ")} }`,
    ));
});

/** The operations of the dashboard, each with the fragments it needs. */
function dashboardOperations(): [string, DocumentNode][] {
  const sources = globSync("../../client/dashboard/src/**/*.{ts,tsx}", { cwd: import.meta.dirname })
    .filter((file) => !/\/(gql|build)\//.test(file))
    .map((file) => readFileSync(new URL(file, import.meta.url), "utf8"));
  const texts = sources.flatMap((text) =>
    [...text.matchAll(/graphql\(\s*`([^`]*)`/g)].map((match) => match[1] ?? ""),
  );
  const definitions = texts.flatMap((text) => parse(text).definitions);
  const fragments = new Map(
    definitions.flatMap((part) => (part.kind === Kind.FRAGMENT_DEFINITION ? [[part.name.value, part]] : [])),
  );
  const needed = (text: string, seen = new Set<string>()): Set<string> => {
    for (const [, name = ""] of text.matchAll(/\.\.\.(\w+)/g)) {
      const fragment = fragments.get(name);
      if (fragment && !seen.has(name)) needed(print(fragment), seen.add(name));
    }
    return seen;
  };
  return definitions.flatMap((part): [string, DocumentNode][] => {
    if (part.kind !== Kind.OPERATION_DEFINITION) return [];
    const used = [...needed(print(part))].flatMap((name) => fragments.get(name) ?? []);
    return [[part.name?.value ?? "?", { kind: Kind.DOCUMENT, definitions: [part, ...used] }]];
  });
}

/** Some value of an input type; pages of 50. */
function sample(type: GraphQLInputType): unknown {
  const inner = getNullableType(type);
  if (isListType(inner)) return [];
  if (isEnumType(inner)) return inner.getValues()[0]?.name;
  if (isInputObjectType(inner)) {
    const required = Object.values(inner.getFields()).filter((field) => isNonNullType(field.type));
    return Object.fromEntries(required.map((field) => [field.name, sample(field.type)]));
  }
  return { Int: 50, Boolean: true, DateTime: "2026-01-01T00:00:00Z" }[String(inner)] ?? "x";
}

function variablesOf(document: DocumentNode): Record<string, unknown> {
  const [operation] = document.definitions;
  const variables = (operation?.kind === Kind.OPERATION_DEFINITION && operation.variableDefinitions) || [];
  const schema = createSchema();
  return Object.fromEntries(
    variables.flatMap(({ variable, type }) => {
      const known = typeFromAST(schema, type as NamedTypeNode) as GraphQLInputType;
      const wanted = isNonNullType(known) || String(known) === "Int";
      return wanted ? [[variable.name.value, sample(known)]] : [];
    }),
  );
}

describe("the dashboard", () => {
  const operations = dashboardOperations();

  it("has operations, all of them valid", () => {
    expect(operations.length).toBeGreaterThan(10);
    const schema = createSchema();
    const bad = operations.flatMap(([name, document]) =>
      validate(schema, document).map((e) => `${name}: ${e.message}`),
    );
    expect(bad).toEqual([]);
  });

  it.each(operations)("%s comes nowhere near the limits", (_name, document) => {
    const cost = complexityFromQuery(document, {
      schema: createSchema(),
      ctx: {},
      variables: variablesOf(document),
    });
    expect(cost.complexity).toBeLessThanOrEqual(LIMITS.complexity / 2);
    expect(cost.depth).toBeLessThanOrEqual(LIMITS.depth - 2);
    expect(cost.breadth).toBeLessThanOrEqual(LIMITS.breadth / 2);
  });
});
