import { createSchema } from "@shiplog/schema";
import { parse } from "graphql";
import { expect, test } from "vitest";
import { problemsOf } from "./result.ts";

const document = parse(`{
  projects { edges { node { id key: name } } }
  node(id: "x") { __typename ... on Project { createdAt status } ... on Node { id } }
}`);
const project = {
  __typename: "Project",
  createdAt: "2026-03-02T09:00:00.000Z",
  status: "ACTIVE",
  id: "prj_x",
};
const check = (node: unknown, key: unknown = "x", more: object = {}) =>
  problemsOf(createSchema(), document, {
    data: { projects: { edges: [{ node: { id: "prj_x", key } }] }, node },
    ...more,
  });

test("the check of GraphQL answers sees what is missing, too much, null, of another type and unexpected", () => {
  expect(check(project)).toEqual([]);
  expect(check(null)).toEqual([]);
  expect(check({ __typename: "User", id: "usr_x" })).toEqual([]);
  expect(check(project, null)).toEqual(["data.projects.edges.0.node.key is null"]);
  expect(check(project, 1)).toEqual(["data.projects.edges.0.node.key is no String: 1"]);
  expect(check({ ...project, status: "active" })).toEqual(['data.node.status is no ProjectStatus: "active"']);
  expect(check({ ...project, createdAt: "now" })).toEqual(['data.node.createdAt is no DateTime: "now"']);
  expect(check({ ...project, more: 1 })).toEqual(["data.node.more was not asked for"]);
  expect(check({ __typename: "Project" })).toContain("data.node.id is missing");
  expect(check({ ...project, __typename: "Query" })).toEqual(["data.node is no Node"]);
  expect(check(null, "x", { trace: 1 })).toEqual(["a member trace"]);
  expect(check(null, "x", { errors: [] })).toEqual(["errors are no list of some"]);
  const unexpected = { message: "Unexpected error.", extensions: { code: "INTERNAL_SERVER_ERROR" } };
  expect(check(null, "x", { errors: [unexpected] })).toEqual(["an unexpected error"]);
});
