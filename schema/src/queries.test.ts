import { encodeId } from "@shiplog/core";
import { applyRetention } from "@shiplog/core/project";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { graphqlAs } from "@shiplog/testkit/graphql";
import { expect, test } from "vitest";
import { makeWorld } from "./testing/world.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const world = await makeWorld(ctx);
const { ours } = world;
const viewer = graphqlAs(ctx, world.people.viewer);
const maintainer = graphqlAs(ctx, world.people.maintainer);
const projectId = encodeId("Project", ours.projectId);

test("a viewer is a person with powers, or a key with its own", async () => {
  const document = `query ($projectId: ID!) {
    viewer { isAdmin user { name email } apiKey { name scopes } powers(projectId: $projectId) projects { name } }
  }`;
  const person = (await viewer.data(document, { projectId })).viewer;
  expect(person).toMatchObject({ isAdmin: false, apiKey: null, projects: [{ name: "ours" }] });
  expect(person.user.email).toContain("@example.org");
  expect(person.powers).toContain("agent.read");
  expect(person.powers).not.toContain("agent.write");
  const key = (await graphqlAs(ctx, world.key).data(document, { projectId })).viewer;
  expect(key).toMatchObject({ user: null, apiKey: { name: "Test key" }, projects: [{ name: "ours" }] });
  expect(key.powers).toContain("agent.write");
  expect(key.powers).not.toContain("key.manage");
  expect(await graphqlAs(ctx, null).data("{ viewer { isAdmin } }")).toEqual({ viewer: null });
});

test("a project shows its people, and to maintainers its integrations and keys", async () => {
  const document = `query ($id: ID!) { project(id: $id) {
    id name slug description repositoryUrl techStack status isDemo createdAt updatedAt viewerRole workspaces
    members { id role createdAt user { id name email } }
    integrations { id provider name status webhookUrl lastDeliveryAt lastError createdAt
      deliveries24h { received processed ignored failed } }
    apiKeys { id name prefix scopes createdAt expiresAt lastUsedAt revokedAt createdBy { name } }
    repositories { id provider fullName url defaultBranch }
    summary { running pipelines7d passRate7d costToday cost7d lastDeployment { id status } }
  } }`;
  const { project } = await maintainer.data(document, { id: projectId });
  expect(project).toMatchObject({
    id: projectId,
    status: "ACTIVE",
    viewerRole: "maintainer",
    workspaces: ["/srv/ours"],
    repositories: [{ fullName: "octo/app" }],
    summary: {
      running: 1,
      pipelines7d: 2,
      passRate7d: 0.5,
      cost7d: "0.01575",
      lastDeployment: { id: encodeId("Deployment", ours.deploymentId), status: "FAILED" },
    },
  });
  expect(project.members.map((member: { role: string }) => member.role).sort()).toEqual(
    ["developer", "maintainer", "owner", "owner", "viewer"].sort(),
  );
  const integration = project.integrations.at(-1);
  expect(integration.webhookUrl).toBe(`http://127.0.0.1:4000/api/v1/webhooks/github/${integration.id}`);
  expect(integration.deliveries24h).toEqual({ received: 0, processed: 0, ignored: 0, failed: 1 });
  expect(project.apiKeys.length).toBe(2);
  const seen = await viewer.data(
    "query ($id: ID!) { project(id: $id) { integrations { id } apiKeys { id } } }",
    {
      id: projectId,
    },
  );
  expect(seen.project).toEqual({ integrations: null, apiKeys: null });
});

test("a project is found by slug", async () => {
  expect(await viewer.data('{ project(slug: "ours") { id } }')).toEqual({ project: { id: projectId } });
  expect(await viewer.data('{ project(slug: "theirs") { id } }')).toEqual({ project: null });
  expect(await viewer.data("{ project { id } }")).toEqual({ project: null });
});

test("a pipeline shows jobs, steps, commit, pull requests, attempts and why it failed", async () => {
  const document = `query ($id: ID!) { pipelineExecution(id: $id) {
    id provider externalId attempt pipelineName title runNumber status rawStatus rawConclusion commitSha branch
    event triggeredBy url deploymentUrl testResults startedAt completedAt createdAt durationMs failureReason
    project { id } repository { fullName }
    commit { id sha shortSha message subject authorName authorLogin url committedAt repository { fullName }
      pullRequests { number } activities { prompt } }
    pullRequests { id number title state draft authorLogin authorIsBot headRef baseRef url additions deletions
      changedFiles openedAt mergedAt closedAt repository { fullName } }
    jobs { id name status rawStatus rawConclusion runnerName labels url queuedAt startedAt completedAt durationMs
      medianDurationMs steps { number name status rawConclusion startedAt completedAt durationMs } }
    attempts { attempt } deployments { id environment { name isProduction } }
  } }`;
  const { pipelineExecution } = await viewer.data(document, {
    id: encodeId("PipelineExecution", ours.pipelineId),
  });
  expect(pipelineExecution).toMatchObject({
    status: "FAILED",
    durationMs: 30_000,
    failureReason: "test failed at “Run tests”",
    commit: { shortSha: "aaaaaaa", subject: "Mend the fence", pullRequests: [{ number: 7 }] },
    pullRequests: [{ number: 7, state: "OPEN" }],
    jobs: [
      {
        id: encodeId("PipelineJob", ours.jobId),
        medianDurationMs: 30_000,
        steps: [{ name: "Set up" }, { name: "Run tests", status: "FAILED" }],
      },
    ],
    attempts: [{ attempt: 1 }, { attempt: 2 }],
    deployments: [{ environment: { name: "production", isProduction: true } }],
  });
  expect(pipelineExecution.commit.activities.map((row: { prompt: string }) => row.prompt)).toEqual([
    "Prompt 0",
    "Prompt 1",
  ]);
});

test("an execution shows its run, its retries and its log", async () => {
  const document = `query ($id: ID!, $after: String) { agentExecution(id: $id) {
    id agentType taskDescription status external inputData outputData errorMessage attempt retryOf { id }
    retries { id status } createdBy { name } createdByKey { name prefix } cost unpricedUsages toolCalls model
    usage { inputTokens cacheReadTokens cacheWrite5mTokens cacheWrite1hTokens outputTokens reasoningTokens }
    startedAt completedAt createdAt durationMs cancelRequestedAt lastLine viewerCanCancel viewerCanRetry
    project { name } steps { index name output startedAt completedAt }
    events(first: 2, after: $after) { cursor caughtUp reset events { __typename seq at
      ... on AgentStatusChanged { status attempt } ... on AgentTextDelta { text }
      ... on AgentMessage { role text truncated contentId } } }
  } }`;
  const id = encodeId("AgentExecution", ours.executionId);
  const first = (await viewer.data(document, { id })).agentExecution;
  expect(first).toMatchObject({
    status: "RUNNING",
    cost: "0.0045",
    usage: { inputTokens: "1000", outputTokens: "100" },
    retries: [{ id: encodeId("AgentExecution", ours.retryId), status: "FAILED" }],
    lastLine: "and another",
    durationMs: null,
    viewerCanCancel: false,
    viewerCanRetry: false,
    steps: [{ index: 0, name: "survey", output: { files: 0 } }],
    events: { caughtUp: false, reset: false },
  });
  expect(first.events.events.map((event: { __typename: string }) => event.__typename)).toEqual([
    "AgentStatusChanged",
    "AgentTextDelta",
  ]);
  const rest = (await viewer.data(document, { id, after: first.events.cursor })).agentExecution.events;
  expect(rest).toMatchObject({
    caughtUp: true,
    events: [{ seq: 3, text: "One line\nand another", contentId: encodeId("EventContent", ours.contentId) }],
  });
  const lost = (await viewer.data(document, { id, after: "elsewhere" })).agentExecution.events;
  expect(lost).toMatchObject({ events: [], reset: true, caughtUp: true });
  const developer = graphqlAs(ctx, world.people.developer);
  expect((await developer.data(document, { id })).agentExecution).toMatchObject({ viewerCanCancel: true });
  const ended = { id: encodeId("AgentExecution", ours.retryId) };
  expect((await developer.data(document, ended)).agentExecution).toMatchObject({
    viewerCanCancel: false,
    viewerCanRetry: true,
    durationMs: 1_500,
    createdByKey: { name: "Test key" },
  });
});

test("a run whose task is no longer kept says so, and is not to be run again", async () => {
  const { projectId, agentType } = await ctx.db.agentExecution.findUniqueOrThrow({
    where: { id: ours.retryId },
  });
  const at = new Date(Date.now() - 30 * 86_400_000);
  const id = ctx.newId();
  await ctx.db.agentExecution.create({
    data: {
      id,
      projectId,
      agentType,
      taskDescription: "Long ago",
      status: "completed",
      outputData: { markdown: "Done" },
      createdAt: at,
      lastActivityAt: at,
      completedAt: at,
    },
  });
  const owner = graphqlAs(ctx, world.people.owner);
  const node = { id: encodeId("AgentExecution", id) };
  const keep = (contentDays: number | null) =>
    owner.data(
      `mutation ($input: UpdateProjectRetentionInput!) { updateProjectRetention(input: $input) { __typename } }`,
      { input: { projectId: encodeId("Project", projectId), contentDays } },
    );
  const read = async () =>
    (
      await owner.data(
        `query ($id: ID!) { agentExecution(id: $id) {
          taskDescription inputData outputData contentRemovedAt viewerCanRetry status } }`,
        node,
      )
    ).agentExecution;
  const kept = { taskDescription: "Long ago", outputData: { markdown: "Done" }, contentRemovedAt: null };
  expect(await read()).toMatchObject({ ...kept, viewerCanRetry: true });
  await keep(29);
  await applyRetention(ctx);
  await keep(null);
  const gone = { taskDescription: "", inputData: {}, outputData: null, status: "COMPLETED" };
  expect(await read()).toEqual({ ...gone, contentRemovedAt: expect.any(String), viewerCanRetry: false });
  const retry = `mutation ($input: RetryAgentExecutionInput!) { retryAgentExecution(input: $input) {
    __typename ... on InvalidStatusError { message } } }`;
  // What is left of it is as hidden from a stranger as all of it was.
  const stranger = graphqlAs(ctx, world.stranger);
  const refused = await stranger.data(retry, { input: node });
  expect(refused.retryAgentExecution).toEqual({ __typename: "NotFoundError" });
  const again = await owner.data(retry, { input: node });
  expect(again.retryAgentExecution).toEqual({
    __typename: "InvalidStatusError",
    message: "The task of this run is no longer kept: start a new one.",
  });
});

test("a page of the log holds 1 to 500 events", async () => {
  const document = "query ($id: ID!) { agentExecution(id: $id) { events(first: 501) { cursor } } }";
  const answer = await viewer.run(document, { id: encodeId("AgentExecution", ours.executionId) });
  expect(answer.errors).toMatchObject([{ code: "INVALID_INPUT" }]);
});

test("AI activity shows content, tokens, cost and links", async () => {
  const document = `query ($projectId: ID!) { aiActivities(projectId: $projectId) { edges { node {
    id tool category user { name } apiKey { name } prompt response decision model cost costReported costComputed
    usage { inputTokens } sessionId commitSha commit { sha } linesAdded linesRemoved occurredAt createdAt
    codeChanges { path diff added removed } project { id }
  } } } }`;
  const { aiActivities } = await viewer.data(document, { projectId });
  expect(aiActivities.edges[0].node).toMatchObject({
    id: encodeId("AIActivity", ours.activityId),
    category: "FEATURE",
    prompt: "Prompt 0",
    response: "Response 0",
    cost: "0.00675",
    costReported: null,
    sessionId: "session-1",
    commit: { sha: "a".repeat(40) },
    codeChanges: [{ path: "src/a.ts", diff: "+a", added: 1, removed: 0 }],
  });
  expect(aiActivities.edges[1].node.cost).toBeNull();
});

test("deliveries show what came in, to maintainers", async () => {
  const document = `query ($projectId: ID!, $integrationId: ID, $outcome: [DeliveryOutcome!]) {
    webhookDeliveries(projectId: $projectId, integrationId: $integrationId, outcome: $outcome, first: 5) { edges { node {
      id deliveryId event action outcome error attempts duplicates headers contentType bodyBytes payload payloadText
      receivedAt processedAt durationMs integration { name } } } } }`;
  const all = (await maintainer.data(document, { projectId })).webhookDeliveries.edges;
  expect(all.length).toBe(2);
  expect(all[0].node).toMatchObject({
    outcome: "FAILED",
    payload: { action: "completed", number: 0 },
    payloadText: '{"action":"completed","number":0}',
    integration: { name: "GitHub 0" },
  });
  const failed = (await maintainer.data(document, { projectId, outcome: ["FAILED"] })).webhookDeliveries;
  expect(failed.edges.length).toBe(1);
  const integrationId = encodeId("Integration", ours.integrationId);
  const own = (await maintainer.data(document, { projectId, integrationId })).webhookDeliveries.edges;
  expect(own.map((edge: { node: { deliveryId: string } }) => edge.node.deliveryId)).toEqual(["delivery-1"]);
  const foreign = encodeId("Integration", world.theirs.integrationId);
  const none = await maintainer.data(document, { projectId, integrationId: foreign });
  expect(none.webhookDeliveries.edges).toEqual([]);
  expect((await viewer.data(document, { projectId })).webhookDeliveries).toBeNull();
});

test("the overview tells what runs, what broke, what it costs and what shipped", async () => {
  const document = `query ($projectId: ID) { overview(projectId: $projectId) {
    running { __typename ... on AgentExecution { id lastLine } ... on PipelineExecution { id } }
    failures { __typename ... on AgentExecution { errorMessage } ... on PipelineExecution { failureReason }
      ... on Deployment { environment { name } } }
    spend { today days { date cost } byTool { tool cost activities } unpriced }
    shipped { id status }
  } }`;
  const { overview } = await viewer.data(document);
  expect(overview.running).toEqual([
    {
      __typename: "AgentExecution",
      id: encodeId("AgentExecution", ours.executionId),
      lastLine: "and another",
    },
  ]);
  expect(overview.failures).toEqual(
    expect.arrayContaining([
      { __typename: "AgentExecution", errorMessage: "out of paper" },
      { __typename: "PipelineExecution", failureReason: "test failed at “Run tests”" },
      { __typename: "Deployment", environment: { name: "production" } },
    ]),
  );
  expect(overview.spend.days.length).toBe(7);
  const sum = overview.spend.days.reduce(
    (total: number, day: { cost: string }) => total + Number(day.cost),
    0,
  );
  expect(sum).toBeCloseTo(0.01575, 9);
  expect(overview.spend).toMatchObject({
    unpriced: 1,
    byTool: [
      { tool: "analyze", cost: "0.009", activities: 2 },
      { tool: "claude", cost: "0.00675", activities: 1 },
      { tool: "cursor", cost: "0", activities: 1 },
    ],
  });
  expect(overview.shipped.map((row: { status: string }) => row.status)).toEqual(["SUCCESS"]);
  expect((await viewer.data(document, { projectId })).overview).toEqual(overview);
});

test("agent types and workspaces are lists of the installation", async () => {
  const agents = { ...ctx, agentTypes: [{ type: "analyze", description: "Looks", needsWorkspace: true }] };
  const document = "{ agentTypes { name description needsWorkspace } }";
  expect(await graphqlAs(agents, world.people.viewer).data(document)).toEqual({
    agentTypes: [{ name: "analyze", description: "Looks", needsWorkspace: true }],
  });
  const folders = "{ workspaces { path linkedProjects { name } } }";
  const { workspaces } = await graphqlAs(ctx, world.admin).data(folders);
  expect(workspaces).toContainEqual({ path: "/srv/ours", linkedProjects: [] });
  expect(await viewer.data(folders)).toEqual({ workspaces: [] });
});

test("a stored content is read by its id", async () => {
  const document = "query ($id: ID!) { eventContent(id: $id) { id mediaType body } }";
  const id = encodeId("EventContent", ours.contentId);
  expect(await viewer.data(document, { id })).toEqual({
    eventContent: { id, mediaType: "text/plain", body: "the whole of it" },
  });
});
