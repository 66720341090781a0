import { encodeId } from "@shiplog/core";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { graphqlAs } from "@shiplog/testkit/graphql";
import { beforeAll, expect, it } from "vitest";
import { makeWorld } from "../testing/world.ts";

const database = await testDatabase();
const origin = { address: "192.0.2.5", userAgent: "Mozilla", requestId: "audit-request" };
const ctx = { ...(await makeContext(database)), origin };
const world = await makeWorld(ctx);
const { owner, maintainer, viewer } = world.people;
const projectId = encodeId("Project", world.ours.projectId);

const LIST = `query ($projectId: ID, $filter: AuditEntryFilter, $first: Int, $after: String) {
  auditEntries(projectId: $projectId, filter: $filter, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    edges { node { id action outcome actorType userId sessionId apiKeyId user { id } projectId project { name }
      targetType targetId details address userAgent requestId } } } }`;
const RENAME = `mutation ($input: UpdateProjectInput!) { updateProject(input: $input) { __typename } }`;

async function entries(actor: Parameters<typeof graphqlAs>[1], variables: object) {
  const { auditEntries } = await graphqlAs(ctx, actor).data(LIST, { ...variables });
  return auditEntries?.edges.map((edge: { node: object }) => edge.node) ?? null;
}

beforeAll(async () => {
  const input = { id: projectId, name: "Renamed" };
  await graphqlAs(ctx, maintainer).data(RENAME, { input });
  await graphqlAs(ctx, viewer).data(RENAME, { input });
  await graphqlAs(ctx, world.stranger).data(RENAME, { input });
});

it("shows owners who did what to what, from where and how it ended", async () => {
  const [strangers, viewers, maintainers] = await entries(owner, {
    projectId,
    filter: { action: "project.update" },
  });
  expect(maintainers).toEqual({
    id: expect.stringMatching(/^aud_/),
    action: "project.update",
    outcome: "SUCCEEDED",
    actorType: "user",
    userId: encodeId("User", maintainer.userId),
    user: { id: encodeId("User", maintainer.userId) },
    sessionId: encodeId("Session", maintainer.sessionId),
    apiKeyId: null,
    projectId,
    project: { name: "Renamed" },
    targetType: "Project",
    targetId: projectId,
    details: { changed: ["name"] },
    ...origin,
  });
  expect(viewers).toMatchObject({ outcome: "REFUSED", details: { error: "FORBIDDEN" } });
  // Whoever he is: his name is not theirs to know, his id is.
  const userId = encodeId("User", world.stranger.userId);
  expect(strangers).toMatchObject({
    outcome: "REFUSED",
    details: { error: "NOT_FOUND" },
    user: null,
    userId,
  });
});

it("is for owners, and as a whole for administrators, who see no details of others' projects", async () => {
  for (const actor of [maintainer, viewer, world.stranger, world.admin]) {
    expect(await entries(actor, { projectId })).toBeNull();
  }
  expect(await entries(owner, {})).toBeNull();
  const refused = await graphqlAs(ctx, world.key).run(LIST, { projectId });
  expect(refused.errors).toMatchObject([{ code: "FORBIDDEN" }]);
  const all = await entries(world.admin, { filter: { action: "project.update" } });
  expect(all).toHaveLength(3);
  for (const entry of all) expect(entry).toMatchObject({ projectId, project: null, details: null });
  const people = await entries(world.admin, { filter: { action: "user" }, first: 1 });
  expect(people).toMatchObject([{ action: "user.create", projectId: null, details: { isAdmin: true } }]);
});

it("is filtered by action, actor, target, outcome, time and words", async () => {
  const count = async (filter: object) => (await entries(owner, { projectId, filter })).length;
  expect(await count({ action: "project.update" })).toBe(3);
  expect(await count({ action: "projec" })).toBe(0);
  expect(await count({ action: "project", actor: encodeId("User", viewer.userId) })).toBe(1);
  expect(await count({ actor: encodeId("Session", maintainer.sessionId) })).toBe(1);
  expect(await count({ action: "project.update", outcome: "REFUSED" })).toBe(2);
  expect(await count({ target: projectId, action: "project.update" })).toBe(3);
  expect(await count({ target: encodeId("Project", world.theirs.projectId) })).toBe(0);
  expect(await count({ target: "nonsense" })).toBe(0);
  expect(await count({ actor: projectId })).toBe(0);
  expect(await count({ from: new Date(Date.now() + 60_000).toISOString() })).toBe(0);
  expect(await count({ action: "project.update", to: new Date(Date.now() + 60_000).toISOString() })).toBe(3);
  expect(await count({ search: "PROJECT.UPD" })).toBe(3);
  expect(await count({ search: "no such words" })).toBe(0);
  const { email } = await database.db.user.findUniqueOrThrow({ where: { id: maintainer.userId } });
  expect(await count({ search: email.slice(0, 20) })).toBe(1);
});

it("is read page by page, in few statements", async () => {
  const variables = { projectId, filter: { action: "project.update" }, first: 2 };
  const { data, statements } = await graphqlAs(ctx, owner).counted<{
    auditEntries: { pageInfo: { hasNextPage: boolean; endCursor: string }; edges: unknown[] };
  }>(database, LIST, variables);
  // Membership, the projects of the filter, the page; then users, projects and whose details.
  expect(statements.length).toBeLessThanOrEqual(7);
  const { pageInfo, edges } = data.auditEntries;
  expect([edges.length, pageInfo.hasNextPage]).toEqual([2, true]);
  expect(await entries(owner, { ...variables, after: pageInfo.endCursor })).toHaveLength(1);
});
