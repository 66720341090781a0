import { encodeId, type TokenActor } from "@shiplog/core";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { graphqlAs } from "@shiplog/testkit/graphql";
import { getNamedType, isLeafType, isNonNullType, isObjectType } from "graphql";
import { expect, test } from "vitest";
import { createSchema } from "./index.ts";
import { makeWorld } from "./testing/world.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const { ours, people } = await makeWorld(ctx);
const target = { kind: "agent_execution", id: ours.executionId } as const;
const token: TokenActor = {
  type: "token",
  tokenId: ctx.newId(),
  issuer: people.owner,
  projectId: ours.projectId,
  target,
  permissions: ["read", "append"],
};
const client = graphqlAs(ctx, token);
const id = encodeId("AgentExecution", ours.executionId);
const schema = createSchema();

/** What each required argument of a root field of queries gets. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  "ID!": JSON.stringify(id),
  "[ID!]!": `[${JSON.stringify(id)}]`,
};

test("a stream token gets nothing from any query but an empty viewer, its own run included", async () => {
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    if (field.name === "viewer") continue;
    const required = field.args.filter((argument) => isNonNullType(argument.type));
    const args = required
      .map((argument) => `${argument.name}: ${ARGUMENTS[String(argument.type)]}`)
      .join(", ");
    const leaf = isLeafType(getNamedType(field.type));
    const document = `{ ${field.name}${args && `(${args})`} ${leaf ? "" : "{ __typename }"} }`;
    const { errors } = await client.run(document);
    expect([field.name, errors.map((error) => error.code)]).toEqual([field.name, ["FORBIDDEN"]]);
  }
  const viewer = await client.data(
    "{ viewer { user { id } apiKey { id } isAdmin apiKeys { id } identities { id } projects { id } } }",
  );
  const nothing = { user: null, apiKey: null, isAdmin: false, apiKeys: [], identities: [], projects: [] };
  expect(viewer).toEqual({ viewer: nothing });
});

test("its mutations are the two that stream a run in", () => {
  const permitted = Object.values(schema.getMutationType()?.getFields() ?? {})
    .filter((field) => /stream tokens of the run/.test(field.description ?? ""))
    .map((field) => field.name);
  expect(permitted).toEqual(["appendAgentExecutionEvents", "finishAgentExecution"]);
});

test.each([
  ["cancelAgentExecution", "CancelAgentExecution", { id }],
  ["retryAgentExecution", "RetryAgentExecution", { id }],
  ["createStreamToken", "CreateStreamToken", { executionId: id, permissions: ["READ"] }],
  ["createApiKey", "CreateApiKey", { name: "x", scopes: ["agent:read"] }],
  ["createProject", "CreateProject", { name: "x" }],
])("%s refuses it", async (name, type, input) => {
  const document = `mutation ($input: ${type}Input!) { it: ${name}(input: $input) { __typename } }`;
  expect(await client.data(document, { input })).toEqual({ it: { __typename: "ForbiddenError" } });
});

test("the run that it ends leads it to nothing but its own usage and steps", async () => {
  const type = schema.getType("AgentExecution");
  const fields = isObjectType(type) ? Object.values(type.getFields()) : [];
  const closed = fields
    .filter((field) => isObjectType(getNamedType(field.type)))
    .map((field) => field.name)
    .filter((name) => name !== "usage" && name !== "steps");
  expect(closed).toEqual(
    expect.arrayContaining(["project", "createdBy", "createdByKey", "retryOf", "retries"]),
  );
  const finish = async (selection: string) => {
    const data = { external: true, status: "running", completedAt: null } as const;
    await ctx.db.agentExecution.update({ where: { id: ours.executionId }, data });
    return client.run(`mutation { it: finishAgentExecution(input: {id: "${id}", status: COMPLETED}) {
      ... on FinishAgentExecutionPayload { execution { id ${selection} } } } }`);
  };
  expect(await finish("status")).toMatchObject({ data: { it: { execution: { id, status: "COMPLETED" } } } });
  for (const name of [...closed, "lastLine"]) {
    const { errors } = await finish(name === "lastLine" ? name : `${name} { __typename }`);
    expect([name, errors[0]?.code]).toEqual([name, "FORBIDDEN"]);
  }
});
