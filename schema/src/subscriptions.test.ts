import { encodeId, record, SYSTEM, transact } from "@shiplog/core";
import { recordAIActivity } from "@shiplog/core/activity";
import { createStreams, type NewEvent, type StreamKind } from "@shiplog/core/live";
import { removeProjectMember } from "@shiplog/core/project";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { graphqlAs } from "@shiplog/testkit/graphql";
import { makeKey, makePerson } from "@shiplog/testkit/people";
import { afterAll, expect, test } from "vitest";
import { makeWorld } from "./testing/world.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const world = await makeWorld(ctx);
const { ours } = world;
const streams = createStreams(ctx);
afterAll(() => streams.close());
const viewer = graphqlAs(ctx, world.people.viewer, streams);
const projectId = encodeId("Project", ours.projectId);

const append = (kind: StreamKind, streamId: string, events: NewEvent[], ends = false) =>
  transact(ctx, async (tx) => void record(tx, { kind, streamId, projectId: ours.projectId, events, ends }));

const AGENT = `subscription ($id: ID!, $after: String, $tail: Int) {
  batch: agentExecutionEvents(id: $id, after: $after, tail: $tail) { cursor caughtUp reset events { __typename seq at
    ... on AgentStatusChanged { status errorMessage attempt } ... on AgentTextDelta { messageId text }
    ... on AgentMessage { messageId role text parentCallId fromSeq truncated contentId } } } }`;

test("an execution's stream gives its log, then what comes, and completes after its end", async () => {
  const id = encodeId("AgentExecution", ours.executionId);
  const stream = await viewer.subscribe(AGENT, { id });
  const first = (await stream.next()).value?.data.batch;
  expect(first).toMatchObject({ caughtUp: true, reset: false });
  expect(first.events).toMatchObject([
    { __typename: "AgentStatusChanged", seq: 1, status: "RUNNING", attempt: 1 },
    { __typename: "AgentTextDelta", seq: 2, text: "One line\nand an" },
    {
      __typename: "AgentMessage",
      seq: 3,
      truncated: true,
      contentId: encodeId("EventContent", ours.contentId),
    },
  ]);
  const ended = { status: "completed", errorMessage: null, attempt: 1 };
  await append("agent_execution", ours.executionId, [{ type: "AgentStatusChanged", data: ended }], true);
  expect((await stream.next()).value?.data.batch.events).toMatchObject([{ seq: 4, status: "COMPLETED" }]);
  expect((await stream.next()).done).toBe(true);
  const rest = await viewer.subscribe(AGENT, { id, after: first.cursor });
  expect((await rest.next()).value?.data.batch.events).toMatchObject([{ seq: 4 }]);
  const lost = await viewer.subscribe(AGENT, { id, after: "elsewhere" });
  expect((await lost.next()).value?.data.batch).toMatchObject({ reset: true, events: [] });
});

test("a pipeline's stream shows jobs as they were and the pipeline as it is", async () => {
  const document = `subscription ($id: ID!) { batch: pipelineExecutionEvents(id: $id, tail: 0) { events { __typename
    ... on PipelineStatusChanged { status pipeline { status branch } }
    ... on PipelineJobChanged { job { id name status durationMs labels steps { number name durationMs } } }
    ... on PipelineDeploymentChanged { deploymentId environment deployed: status deployment { status } } } } }`;
  const stream = await viewer.subscribe(document, { id: encodeId("PipelineExecution", ours.pipelineId) });
  expect((await stream.next()).value?.data.batch.events).toEqual([]);
  const span = { startedAt: "2026-03-02T09:00:00.000Z", completedAt: "2026-03-02T09:00:02.000Z" };
  const raw = { rawStatus: "completed", rawConclusion: "success" };
  const job = {
    ...span,
    ...raw,
    id: ours.jobId,
    name: "before",
    status: "running",
    runnerName: null,
    labels: ["a"],
  };
  const steps = [{ ...span, number: 1, name: "Set up", status: "success", rawConclusion: "success" }];
  await append("pipeline_execution", ours.pipelineId, [
    { type: "PipelineStatusChanged", data: { status: "running" } },
    { type: "PipelineJobChanged", data: { job: { ...job, url: null, queuedAt: null, steps } } },
    {
      type: "PipelineDeploymentChanged",
      data: { deploymentId: ours.deploymentId, environment: "production", status: "running" },
    },
  ]);
  expect((await stream.next()).value?.data.batch.events).toEqual([
    {
      __typename: "PipelineStatusChanged",
      status: "RUNNING",
      pipeline: { status: "FAILED", branch: "main" },
    },
    {
      __typename: "PipelineJobChanged",
      job: {
        id: encodeId("PipelineJob", ours.jobId),
        name: "before",
        status: "RUNNING",
        durationMs: 2_000,
        labels: ["a"],
        steps: [{ number: 1, name: "Set up", durationMs: 2_000 }],
      },
    },
    {
      __typename: "PipelineDeploymentChanged",
      deploymentId: encodeId("Deployment", ours.deploymentId),
      environment: "production",
      deployed: "RUNNING",
      deployment: { status: "FAILED" },
    },
  ]);
  await stream.return(undefined);
});

const PROJECT = `subscription ($id: ID!) { batch: projectEvents(projectId: $id, tail: 0) { events { __typename seq
  ... on AgentExecutionChanged { executionId status title execution { status taskDescription createdBy { name } } }
  ... on PipelineExecutionChanged { executionId state: status title pipeline: execution { branch } }
  ... on DeploymentChanged { deploymentId deployed: status title deployment { environment { name } } }
  ... on AIActivitiesRecorded { count activities { prompt } } } } }`;

const changed = (executionId: string) => ({
  type: "AgentExecutionChanged",
  data: { executionId, status: "running", title: "Look" },
});

test("a project's stream shows objects as they are now, never as an earlier batch saw them", async () => {
  const stream = await viewer.subscribe(PROJECT, { id: projectId });
  await stream.next();
  for (const description of ["first", "second"]) {
    await ctx.db.agentExecution.update({
      where: { id: ours.executionId },
      data: { taskDescription: description },
    });
    await append("project", ours.projectId, [changed(ours.executionId)]);
    const batch = (await stream.next()).value?.data.batch;
    expect(batch.events).toMatchObject([{ title: "Look", execution: { taskDescription: description } }]);
  }
  await recordAIActivity(ctx, SYSTEM, { projectId: ours.projectId, tool: "codex", prompt: "Go" });
  expect((await stream.next()).value?.data.batch.events).toMatchObject([
    { __typename: "AIActivitiesRecorded", count: 1, activities: [{ prompt: "Go" }] },
  ]);
  await append("project", ours.projectId, [
    {
      type: "PipelineExecutionChanged",
      data: { executionId: ours.pipelineId, status: "failed", title: "CI" },
    },
    {
      type: "DeploymentChanged",
      data: { deploymentId: ours.deploymentId, status: "success", title: "production" },
    },
    changed(ctx.newId()),
  ]);
  expect((await stream.next()).value?.data.batch.events).toMatchObject([
    { __typename: "PipelineExecutionChanged", state: "FAILED", pipeline: { branch: "main" } },
    { __typename: "DeploymentChanged", deployment: { environment: { name: "production" } } },
    { __typename: "AgentExecutionChanged", execution: null },
  ]);
  await stream.return(undefined);
});

test("a batch costs the same number of statements whatever it holds", async () => {
  const stream = await viewer.subscribe(PROJECT, { id: projectId });
  await stream.next();
  const counts: number[] = [];
  for (const ids of [[ours.executionId], [ours.executionId, ours.retryId, ours.executionId]]) {
    await append("project", ours.projectId, ids.map(changed));
    const statements = await database.statements(async () => {
      expect((await stream.next()).value?.data.batch.events.length).toBe(ids.length);
    });
    counts.push(statements.filter((sql) => /agent_execution|"user"/.test(sql)).length);
  }
  // The executions, and the people who started them.
  expect(counts).toEqual([2, 2]);
  await stream.return(undefined);
});

test("a stream is refused to strangers, to nobody, and to keys without the scope", async () => {
  const id = encodeId("AgentExecution", ours.executionId);
  const refused = async (actor: Parameters<typeof graphqlAs>[1], code: string) =>
    expect(graphqlAs(ctx, actor, streams).subscribe(AGENT, { id })).rejects.toThrow(code);
  await refused(null, "UNAUTHENTICATED");
  await refused(world.stranger, "NOT_FOUND");
  await refused((await makeKey(ctx, ours.projectId, ["pipeline:read"])).actor, "FORBIDDEN");
  await expect(viewer.subscribe(AGENT, { id: "nonsense" })).rejects.toThrow("NOT_FOUND");
  await expect(viewer.subscribe(AGENT, { id, after: "a", tail: 1 })).rejects.toThrow("INVALID_INPUT");
});

test("a key that may not read executions follows the project without them", async () => {
  const { actor } = await makeKey(ctx, ours.projectId, ["project:read"]);
  const stream = await graphqlAs(ctx, actor, streams).subscribe(PROJECT, { id: projectId });
  await stream.next();
  await append("project", ours.projectId, [changed(ours.executionId)]);
  expect((await stream.next()).value?.data.batch.events).toMatchObject([{ title: "Look", execution: null }]);
  await stream.return(undefined);
});

test("a stream ends when its reader is no member any more", async () => {
  const { actor } = await makePerson(ctx, { [ours.projectId]: "viewer" });
  const stream = await graphqlAs(ctx, actor, streams).subscribe(PROJECT, { id: projectId });
  await stream.next();
  const next = stream.next();
  await removeProjectMember(ctx, SYSTEM, { projectId: ours.projectId, userId: actor.userId });
  await expect(next).rejects.toMatchObject({ code: "FORBIDDEN" });
});
