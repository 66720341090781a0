import { encodeId, SYSTEM } from "@shiplog/core";
import { createInvitation } from "@shiplog/core/account";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { graphqlAs } from "@shiplog/testkit/graphql";
import { makeKey } from "@shiplog/testkit/people";
import { describe, expect, it } from "vitest";
import { makeWorld } from "./testing/world.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const world = await makeWorld(ctx);
const { ours, theirs } = world;
const owner = graphqlAs(ctx, world.people.owner);
const stranger = graphqlAs(ctx, world.stranger);

const { invitation } = await createInvitation(ctx, SYSTEM, {
  projectId: ours.projectId,
  email: "guest@example.org",
  role: "viewer",
});

/** Public ids of one object of each kind in our project. */
const NODES = {
  Project: encodeId("Project", ours.projectId),
  ProjectMember: encodeId("ProjectMember", ours.projectId, world.people.owner.userId),
  User: encodeId("User", world.people.owner.userId),
  ApiKey: encodeId("ApiKey", ours.apiKeyId),
  Integration: encodeId("Integration", ours.integrationId),
  Invitation: encodeId("Invitation", invitation.id),
  WebhookDelivery: encodeId("WebhookDelivery", ours.deliveryId),
  Repository: encodeId("Repository", ours.repositoryId),
  Commit: encodeId("Commit", ours.commitId),
  PullRequest: encodeId("PullRequest", ours.pullRequestId),
  PipelineExecution: encodeId("PipelineExecution", ours.pipelineId),
  PipelineJob: encodeId("PipelineJob", ours.jobId),
  Environment: encodeId("Environment", ours.environmentId),
  Deployment: encodeId("Deployment", ours.deploymentId),
  AgentExecution: encodeId("AgentExecution", ours.executionId),
  AIActivity: encodeId("AIActivity", ours.activityId),
  EventContent: encodeId("EventContent", ours.contentId),
};

const NODE = "query ($id: ID!) { node(id: $id) { __typename id } }";

describe("node(id)", () => {
  it.each(Object.entries(NODES))("gives a %s to members and null to strangers", async (type, id) => {
    expect(await owner.data(NODE, { id })).toEqual({ node: { __typename: type, id } });
    expect(await stranger.data(NODE, { id })).toEqual({ node: null });
    // An administrator sees people, but no content without membership.
    const admin = await graphqlAs(ctx, world.admin).data(NODE, { id });
    expect(admin.node).toEqual(type === "User" ? { __typename: type, id } : null);
  });

  it("is null for what does not exist, is no id, or names no node", async () => {
    for (const id of [
      encodeId("Project", ctx.newId()),
      "prj_",
      "nonsense",
      "",
      encodeId("Session", ctx.newId()),
    ]) {
      expect(await owner.data(NODE, { id })).toEqual({ node: null });
    }
  });

  it("keeps the order of `nodes`, with null for what is missing", async () => {
    const ids = [NODES.Deployment, "nonsense", NODES.Project, encodeId("Project", theirs.projectId)];
    const { nodes } = await owner.data("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", { ids });
    expect(nodes).toEqual([{ id: ids[0] }, null, { id: ids[2] }, null]);
  });

  it("takes at most 100 ids", async () => {
    const ids = Array.from({ length: 101 }, () => NODES.Project);
    const answer = await owner.run("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", { ids });
    expect(answer.errors).toMatchObject([{ code: "INVALID_INPUT" }]);
  });

  it("is closed to nobody in particular", async () => {
    const answer = await graphqlAs(ctx, null).run(NODE, { id: NODES.Project });
    expect(answer.errors).toMatchObject([{ code: "UNAUTHENTICATED" }]);
  });
});

const LISTS = ["agentExecutions", "pipelineExecutions", "deployments", "aiActivities", "webhookDeliveries"];
const list = (field: string) =>
  `query ($id: ID!) { list: ${field}(projectId: $id) { edges { node { id } } } }`;

describe("lists", () => {
  it.each(LISTS)("%s shows ours, and is null for a foreign, missing or broken project", async (field) => {
    expect((await owner.data(list(field), { id: NODES.Project })).list.edges.length).toBe(2);
    for (const id of [encodeId("Project", theirs.projectId), encodeId("Project", ctx.newId()), "nonsense"]) {
      expect(await owner.data(list(field), { id })).toEqual({ list: null });
    }
  });

  it("of projects show the viewer's only", async () => {
    const document = "{ projects { edges { node { name } } } viewer { projects { name } } }";
    const ourNames = {
      projects: { edges: [{ node: { name: "ours" } }] },
      viewer: { projects: [{ name: "ours" }] },
    };
    expect(await owner.data(document)).toEqual(ourNames);
    expect(await graphqlAs(ctx, world.key).data(document)).toEqual(ourNames);
    expect((await graphqlAs(ctx, world.admin).data(document)).projects.edges).toEqual([]);
  });

  it("of the overview are empty for a foreign project", async () => {
    const document = `query ($id: ID) { overview(projectId: $id) { running { __typename } failures { __typename }
      spend { today unpriced } shipped { id } } }`;
    const nothing = { running: [], failures: [], spend: { today: "0", unpriced: 0 }, shipped: [] };
    for (const id of [encodeId("Project", theirs.projectId), "nonsense"]) {
      expect((await owner.data(document, { id })).overview).toEqual(nothing);
    }
  });
});

describe("single objects", () => {
  it.each([
    ["project", NODES.Project],
    ["agentExecution", NODES.AgentExecution],
    ["pipelineExecution", NODES.PipelineExecution],
    ["eventContent", NODES.EventContent],
  ])("%s is null to strangers and for ids of other types", async (field, id) => {
    const document = `query ($id: ID!) { it: ${field}(id: $id) { id } }`;
    expect(await owner.data(document, { id })).toEqual({ it: { id } });
    expect(await stranger.data(document, { id })).toEqual({ it: null });
    expect(await owner.data(document, { id: NODES.Commit })).toEqual({ it: null });
  });

  it("show no powers in a foreign project", async () => {
    const document = "query ($id: ID!) { viewer { powers(projectId: $id) } }";
    expect((await stranger.data(document, { id: NODES.Project })).viewer.powers).toEqual([]);
    expect((await stranger.data(document, { id: "nonsense" })).viewer.powers).toEqual([]);
  });

  it("show e-mail addresses to people of the same project, not to keys", async () => {
    const document = "query ($id: ID!) { agentExecution(id: $id) { createdBy { name email } } }";
    const id = NODES.AgentExecution;
    expect((await owner.data(document, { id })).agentExecution.createdBy.email).toContain("@example.org");
    expect(
      (await graphqlAs(ctx, world.key).data(document, { id })).agentExecution.createdBy.email,
    ).toBeNull();
  });
});

describe("a key", () => {
  it("is held to its scopes", async () => {
    const { actor } = await makeKey(ctx, ours.projectId, ["activity:read"]);
    const key = graphqlAs(ctx, actor);
    expect((await key.data(list("aiActivities"), { id: NODES.Project })).list.edges.length).toBe(2);
    for (const field of LISTS.filter((name) => name !== "aiActivities")) {
      expect((await key.run(list(field), { id: NODES.Project })).errors).toMatchObject([
        { code: "FORBIDDEN" },
      ]);
    }
    for (const id of [NODES.AgentExecution, NODES.PipelineExecution, NODES.Commit, NODES.ProjectMember]) {
      expect(await key.data(NODE, { id })).toEqual({ node: null });
    }
    const linked = `query ($id: ID!) { aiActivities(projectId: $id) { edges { node { prompt commit { sha } } } } }`;
    const { aiActivities } = await key.data(linked, { id: NODES.Project });
    expect(aiActivities.edges[0].node).toEqual({ prompt: "Prompt 0", commit: null });
    const people = await key.run("query ($id: ID!) { project(id: $id) { members { role } } }", {
      id: NODES.Project,
    });
    expect(people.errors).toMatchObject([{ code: "FORBIDDEN" }]);
  });

  it("of pipelines sees no AI activity through a commit", async () => {
    const { actor } = await makeKey(ctx, ours.projectId, ["pipeline:read"]);
    const document = "query ($id: ID!) { node(id: $id) { ... on Commit { sha activities { prompt } } } }";
    expect((await graphqlAs(ctx, actor).data(document, { id: NODES.Commit })).node.activities).toEqual([]);
  });

  it("without metrics:read has no overview and no summary", async () => {
    const { actor } = await makeKey(ctx, ours.projectId, ["pipeline:read"]);
    const key = graphqlAs(ctx, actor);
    expect((await key.run("{ overview { shipped { id } } }")).errors).toMatchObject([{ code: "FORBIDDEN" }]);
    const summary = await key.run("{ projects { edges { node { summary { running } } } } }");
    expect(summary.errors).toMatchObject([{ code: "FORBIDDEN" }]);
  });
});

it("every root field is closed to those who are not signed in", async () => {
  const nobody = graphqlAs(ctx, null);
  for (const field of LISTS) {
    expect((await nobody.run(list(field), { id: NODES.Project })).errors).toMatchObject([
      { code: "UNAUTHENTICATED" },
    ]);
  }
  for (const document of [
    "{ projects { edges { cursor } } }",
    "{ overview { shipped { id } } }",
    "{ agentTypes { name } }",
    "{ workspaces { path } }",
  ]) {
    expect((await nobody.run(document)).errors).toMatchObject([{ code: "UNAUTHENTICATED" }]);
  }
});
