import { mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeId } from "@shiplog/core";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { graphqlAs } from "@shiplog/testkit/graphql";
import { makePerson } from "@shiplog/testkit/people";
import { afterAll, expect, test } from "vitest";
import { busyHasher, testInvitations, testOwnAccount, testProfile, testUsers } from "./testing/account.ts";
import { testIdentities, testKeys } from "./testing/keys.ts";
import { mutator } from "./testing/mutator.ts";
import { makeWorld } from "./testing/world.ts";

const database = await testDatabase();
const folder = await realpath(await mkdtemp(join(tmpdir(), "shiplog-ws-")));
const hasher = busyHasher();
const ctx = await makeContext(database, {
  passwords: hasher.passwords,
  settings: { workspaces: [folder] },
  agentTypes: [{ type: "analyze", description: "Looks", needsWorkspace: false }],
});
const world = await makeWorld(ctx, 3);
const { ours, theirs } = world;
const { viewer, developer, maintainer, owner } = world.people;
const other = await makePerson(ctx);

const projectId = encodeId("Project", ours.projectId);
const foreign = encodeId("Project", theirs.projectId);
const member = (userId: string) => encodeId("ProjectMember", ours.projectId, userId);

const mutations = mutator(ctx, { owner, stranger: world.stranger });
const { mutate, refusals, unmet, alone } = mutations;
testOwnAccount(ctx, world, mutations, hasher);
testProfile(ctx, world, mutations);
testUsers(ctx, world, mutations);
testInvitations(ctx, world, mutations);

test("createProject makes the caller its owner", async () => {
  const input = { name: "Made", slug: "made" };
  await refusals("createProject", input, { lacking: world.key, invalid: { slug: "Not a slug" } });
  const made = await mutate(
    viewer,
    "createProject",
    input,
    "project { id slug status viewerRole members { role } }",
  );
  expect(made.project).toMatchObject({
    slug: "made",
    status: "ACTIVE",
    viewerRole: "owner",
    members: [{ role: "owner" }],
  });
  expect((await mutate(viewer, "createProject", input)).__typename).toBe("ConflictError");
});

test("updateProject changes what is named", async () => {
  const input = { id: projectId, status: "ARCHIVED", repositoryUrl: "https://example.org/app" };
  await refusals("updateProject", input, {
    lacking: developer,
    foreign: { id: foreign },
    invalid: { name: "" },
  });
  const changed = await mutate(maintainer, "updateProject", input, "project { name status repositoryUrl }");
  expect(changed.project).toEqual({
    name: "ours",
    status: "ARCHIVED",
    repositoryUrl: "https://example.org/app",
  });
  const back = { id: projectId, status: "ACTIVE", repositoryUrl: null };
  const again = await mutate(maintainer, "updateProject", back, "project { status repositoryUrl }");
  expect(again.project).toEqual({ status: "ACTIVE", repositoryUrl: null });
});

test("members are added, changed and removed by owners", async () => {
  const input = { projectId, email: other.email, role: "viewer" };
  await refusals("addProjectMember", input, {
    lacking: maintainer,
    foreign: { projectId: foreign },
    invalid: { role: "king" },
  });
  const added = await mutate(owner, "addProjectMember", input, "member { id role user { email } }");
  const id = member(other.actor.userId);
  expect(added.member).toEqual({ id, role: "viewer", user: { email: other.email } });
  expect((await mutate(owner, "addProjectMember", input)).__typename).toBe("ConflictError");
  const change = { id, role: "developer" };
  const gone = { id: encodeId("ProjectMember", theirs.projectId, world.stranger.userId) };
  await refusals("updateProjectMember", change, {
    lacking: maintainer,
    foreign: gone,
    invalid: { role: "king" },
  });
  expect((await mutate(owner, "updateProjectMember", change, "member { role }")).member).toEqual({
    role: "developer",
  });
  await refusals("removeProjectMember", { id }, { lacking: maintainer, foreign: gone });
  expect(await mutate(owner, "removeProjectMember", { id }, "removedId")).toMatchObject({ removedId: id });
  const { project } = await mutate(viewer, "createProject", { name: "Alone" }, "project { members { id } }");
  const [last] = project.members;
  expect((await mutate(viewer, "updateProjectMember", { id: last.id, role: "viewer" })).__typename).toBe(
    "ConflictError",
  );
  expect((await mutate(viewer, "removeProjectMember", { id: last.id })).__typename).toBe("ConflictError");
});

test("integrations are created, deleted, and their deliveries processed again", async () => {
  const input = { projectId, provider: "GITHUB", name: "Second" };
  await refusals("createIntegration", input, {
    lacking: developer,
    foreign: { projectId: foreign },
    invalid: { name: "x".repeat(500) },
  });
  const made = await mutate(
    maintainer,
    "createIntegration",
    input,
    "secret integration { id name status webhookUrl }",
  );
  expect(made.secret.length).toBeGreaterThan(20);
  expect(made.integration).toMatchObject({ name: "Second", status: "PENDING" });
  expect(made.integration.webhookUrl).toContain(`/api/v1/webhooks/github/${made.integration.id}`);
  const { id } = made.integration;
  await refusals(
    "deleteIntegration",
    { id },
    {
      lacking: developer,
      foreign: { id: encodeId("Integration", theirs.integrationId) },
    },
  );
  expect(await mutate(maintainer, "deleteIntegration", { id }, "deletedId")).toMatchObject({ deletedId: id });
  const delivery = { id: encodeId("WebhookDelivery", ours.deliveryId) };
  await refusals("reprocessDelivery", delivery, {
    lacking: developer,
    foreign: { id: encodeId("WebhookDelivery", theirs.deliveryId) },
  });
  const again = await mutate(maintainer, "reprocessDelivery", delivery, "delivery { outcome error }");
  expect(again.delivery).toEqual({ outcome: "RECEIVED", error: null });
});

testKeys(ctx, world, { mutate, refusals });
testIdentities(ctx, world, { mutate, refusals });

test("administrators create people and link workspaces", async () => {
  const person = { email: "new@example.org", name: "New", password: "long enough" };
  await refusals("createUser", person, { lacking: owner, invalid: { password: "short" }, by: world.admin });
  const made = await mutate(world.admin, "createUser", person, "user { name email }");
  expect(made.user).toEqual({ name: "New", email: "new@example.org" });
  expect((await mutate(world.admin, "createUser", person)).__typename).toBe("ConflictError");
  const link = { projectId, path: folder };
  expect((await mutate(null, "linkWorkspace", link)).__typename).toBe("UnauthenticatedError");
  expect((await mutate(owner, "linkWorkspace", link)).__typename).toBe("ForbiddenError");
  const missing = { projectId: encodeId("Project", ctx.newId()), path: folder };
  expect((await mutate(world.admin, "linkWorkspace", missing)).__typename).toBe("NotFoundError");
  expect((await mutate(world.admin, "linkWorkspace", { projectId, path: "/etc" })).__typename).toBe(
    "InvalidInputError",
  );
  expect(await mutate(world.admin, "linkWorkspace", link, "project { id }")).toMatchObject({ project: null });
  const { project } = await graphqlAs(ctx, viewer).data(`{ project(slug: "ours") { workspaces } }`);
  expect(project.workspaces).toContain(folder);
  expect((await mutate(null, "unlinkWorkspace", link)).__typename).toBe("UnauthenticatedError");
  expect((await mutate(owner, "unlinkWorkspace", link)).__typename).toBe("ForbiddenError");
  expect((await mutate(world.admin, "unlinkWorkspace", link)).__typename).toBe("UnlinkWorkspacePayload");
  expect((await mutate(world.admin, "unlinkWorkspace", link)).__typename).toBe("NotFoundError");
});

test("an execution is started, cancelled and retried", async () => {
  // A linked folder that does not exist would be the run's, and is refused.
  await ctx.db.projectWorkspace.deleteMany({ where: { projectId: ours.projectId } });
  const input = { projectId, agentType: "analyze", taskDescription: "Look", idempotencyKey: "once" };
  await refusals("startAgentExecution", input, {
    lacking: viewer,
    foreign: { projectId: foreign },
    invalid: { agentType: "unheard of", idempotencyKey: "other" },
  });
  const fields =
    "execution { id status external createdBy { name } viewerCanCancel retryOf { id } inputData }";
  const started = await mutate(developer, "startAgentExecution", input, fields);
  expect(started).toMatchObject({ __typename: "StartAgentExecutionPayload" });
  const { execution } = started;
  expect(execution).toMatchObject({ status: "PENDING", external: false, viewerCanCancel: true });
  const { id } = execution;
  expect((await mutate(developer, "startAgentExecution", input, fields)).execution.id).toBe(id);
  const gone = { id: encodeId("AgentExecution", theirs.executionId) };
  expect((await mutate(developer, "retryAgentExecution", { id })).__typename).toBe("InvalidStatusError");
  await refusals("cancelAgentExecution", { id }, { lacking: viewer, foreign: gone });
  expect((await mutate(developer, "cancelAgentExecution", { id }, fields)).execution.status).toBe(
    "CANCELLED",
  );
  expect((await mutate(developer, "cancelAgentExecution", { id })).__typename).toBe("InvalidStatusError");
  await refusals(
    "retryAgentExecution",
    { id },
    { lacking: viewer, foreign: gone, invalid: { inputData: 5 } },
  );
  const retry = (await mutate(developer, "retryAgentExecution", { id }, fields)).execution;
  expect(retry).toMatchObject({ status: "PENDING", retryOf: { id } });
});

test("an external run streams in with a key and learns of its end", async () => {
  const start = { projectId, agentType: "claude-code", taskDescription: "Mend", external: true };
  const { execution } = await mutate(
    world.key,
    "startAgentExecution",
    start,
    "execution { id status createdByKey { name } }",
  );
  expect(execution).toMatchObject({ status: "RUNNING", createdByKey: { name: "Test key" } });
  const { id } = execution;
  const events = [
    { message: { messageId: "m", role: "assistant", text: "Hello" } },
    { toolCallStarted: { callId: "c", tool: "Bash", arguments: { command: "ls" } } },
    { toolCallFinished: { callId: "c", ok: true, result: "a", durationMs: 5 } },
    { usage: { model: "claude-sonnet-4-5", inputTokens: "1000", outputTokens: 10 } },
    { textDelta: { messageId: "n", text: "And" } },
  ];
  const gone = { id: encodeId("AgentExecution", theirs.executionId) };
  await refusals(
    "appendAgentExecutionEvents",
    { id, events },
    {
      lacking: viewer,
      foreign: gone,
      invalid: { batch: 0 },
    },
  );
  const first = await mutate(
    world.key,
    "appendAgentExecutionEvents",
    { id, batch: 1, events },
    "cursor status",
  );
  expect(first).toMatchObject({ status: "RUNNING" });
  const repeat = await mutate(world.key, "appendAgentExecutionEvents", { id, batch: 1, events }, "cursor");
  expect(repeat.cursor).toBe(first.cursor);
  const skip = await mutate(world.key, "appendAgentExecutionEvents", { id, batch: 3, events });
  expect(skip).toMatchObject({ __typename: "BatchOutOfOrderError", expected: 2 });
  const internal = { id: encodeId("AgentExecution", ours.executionId) };
  expect((await mutate(developer, "appendAgentExecutionEvents", { ...internal, events })).__typename).toBe(
    "InvalidStatusError",
  );
  const log = await graphqlAs(ctx, viewer).data(
    `query ($id: ID!) { agentExecution(id: $id) { cost usage { inputTokens } events { events { __typename
      ... on AgentToolCallStarted { tool arguments parentCallId } ... on AgentToolCallFinished { ok result durationMs }
      ... on AgentUsage { model inputTokens cost cacheReadTokens } } } } }`,
    { id },
  );
  expect(log.agentExecution).toMatchObject({ cost: "0.00315", usage: { inputTokens: "1000" } });
  expect(log.agentExecution.events.events).toEqual(
    expect.arrayContaining([
      { __typename: "AgentToolCallStarted", tool: "Bash", arguments: { command: "ls" }, parentCallId: null },
      { __typename: "AgentToolCallFinished", ok: true, result: "a", durationMs: 5 },
      {
        __typename: "AgentUsage",
        model: "claude-sonnet-4-5",
        inputTokens: "1000",
        cost: "0.00315",
        cacheReadTokens: "0",
      },
    ]),
  );
  const end = { id, status: "COMPLETED", outputData: { ok: true } };
  await refusals("finishAgentExecution", end, {
    lacking: viewer,
    foreign: gone,
    invalid: { status: "PENDING" },
  });
  expect((await mutate(developer, "finishAgentExecution", { ...end, ...internal })).__typename).toBe(
    "InvalidStatusError",
  );
  const done = await mutate(
    world.key,
    "finishAgentExecution",
    end,
    "execution { status outputData durationMs }",
  );
  expect(done.execution).toMatchObject({ status: "COMPLETED", outputData: { ok: true } });
  for (const name of ["appendAgentExecutionEvents", "finishAgentExecution"]) {
    const late = await mutate(world.key, name, name.startsWith("append") ? { id, events: [] } : end);
    expect(late).toMatchObject({ __typename: "AgentExecutionEndedError", status: "COMPLETED" });
  }
});

test("recordAIActivity prices, links and repeats", async () => {
  const input = {
    projectId,
    tool: "claude",
    category: "BUGFIX",
    prompt: "Why?",
    model: "claude-sonnet-4-5",
    usage: { inputTokens: 24000, cacheReadTokens: "20000", cacheWrite5mTokens: 3000, outputTokens: 500 },
    codeChanges: [{ path: "a.ts", diff: "--- a\n+++ b\n+one\n+two\n-three" }],
    sessionId: "s-1",
    commitSha: "a".repeat(40),
    occurredAt: "2026-06-01T00:00:00Z",
    idempotencyKey: "k-1",
  };
  await refusals("recordAIActivity", input, {
    lacking: viewer,
    foreign: { projectId: foreign },
    invalid: { tool: "abacus", idempotencyKey: "k-2" },
  });
  const fields = `activity { id category cost costComputed linesAdded linesRemoved sessionId commit { sha }
    apiKey { name } user { name } usage { inputTokens } codeChanges { added removed } }`;
  const { activity } = await mutate(world.key, "recordAIActivity", input, fields);
  expect(activity).toMatchObject({
    category: "BUGFIX",
    cost: "0.02775",
    linesAdded: 2,
    linesRemoved: 1,
    sessionId: "s-1",
    commit: { sha: "a".repeat(40) },
    apiKey: { name: "Test key" },
    user: null,
  });
  expect((await mutate(developer, "recordAIActivity", input, "activity { id }")).activity.id).toBe(
    activity.id,
  );
  const unknown = { projectId, tool: "other", model: "unheard-of", usage: { inputTokens: 5 } };
  const unpriced = await mutate(
    developer,
    "recordAIActivity",
    unknown,
    "activity { cost category user { name } }",
  );
  expect(unpriced.activity).toEqual({ cost: null, category: "OTHER", user: { name: "Test Person" } });
});

test("owners say how long a project keeps what", async () => {
  const input = { projectId, contentDays: 30, deliveryDays: null, auditDays: 90, privacyMode: "METADATA" };
  await refusals("updateProjectRetention", input, {
    lacking: maintainer,
    foreign: { projectId: foreign },
    invalid: { deliveryDays: 89 },
  });
  const fields = "retention { privacyMode contentDays eventDays deliveryDays auditDays }";
  const { retention } = await mutate(owner, "updateProjectRetention", input, fields);
  const kept = {
    privacyMode: "METADATA",
    contentDays: 30,
    eventDays: null,
    deliveryDays: null,
    auditDays: 90,
  };
  expect(retention).toEqual(kept);
  const read = await graphqlAs(ctx, viewer).data(`{ project(slug: "ours") { ${fields} } }`);
  expect(read.project.retention).toEqual(kept);
});

test("deleteProject takes everything with it", async () => {
  await refusals("deleteProject", { id: projectId }, { lacking: maintainer, foreign: { id: foreign } });
  expect(await mutate(owner, "deleteProject", { id: projectId }, "deletedId")).toMatchObject({
    deletedId: projectId,
  });
  expect((await mutate(owner, "deleteProject", { id: projectId })).__typename).toBe("NotFoundError");
});

/** They only delete rows, which leaves none; and a token is nowhere but in its bearer's hands. */
const LEAVE_NO_ROW = [
  "createStreamToken",
  "deleteIntegration",
  "deleteProject",
  "removeProjectMember",
  "unlinkWorkspace",
];

afterAll(() => {
  expect(unmet()).toEqual([]);
  expect(alone()).toEqual(LEAVE_NO_ROW);
});
