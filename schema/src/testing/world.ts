import type { Actor, Context, KeyActor, UserActor } from "@shiplog/core";
import { record, SYSTEM, transact } from "@shiplog/core";
import { type Role, SCOPES } from "@shiplog/core/account";
import { createProject } from "@shiplog/core/project";
import { makeKey, makePerson } from "@shiplog/testkit/people";
import { fillPipelines, type PipelineIds } from "./pipelines.ts";

/** A project with `size` of everything, and the UUIDs of one of each. */
export interface Filled extends PipelineIds {
  readonly projectId: string;
  readonly integrationId: string;
  readonly deliveryId: string;
  readonly apiKeyId: string;
  readonly executionId: string;
  readonly retryId: string;
  readonly contentId: string;
  readonly activityId: string;
}

export interface World {
  readonly ours: Filled;
  /** The same size, of people that ours know nothing of. */
  readonly theirs: Filled;
  readonly people: Readonly<Record<Role, UserActor>>;
  /** Member of `theirs` only. */
  readonly stranger: UserActor;
  /** Administrator without any membership. */
  readonly admin: UserActor;
  /** Of `ours`, with every scope. */
  readonly key: KeyActor;
}

export async function makeWorld(ctx: Context, size = 2): Promise<World> {
  const ours = await fillProject(ctx, "ours", size);
  const theirs = await fillProject(ctx, "theirs", size);
  const person = async (role: Role) => (await makePerson(ctx, { [ours.projectId]: role })).actor;
  return {
    ours,
    theirs,
    people: {
      viewer: await person("viewer"),
      developer: await person("developer"),
      maintainer: await person("maintainer"),
      owner: await person("owner"),
    },
    stranger: (await makePerson(ctx, { [theirs.projectId]: "owner" })).actor,
    admin: (await makePerson(ctx, {}, { isAdmin: true })).actor,
    key: (await makeKey(ctx, ours.projectId, SCOPES)).actor,
  };
}

/** A project with `size` of everything in it. */
export async function fillProject(ctx: Context, name: string, size: number): Promise<Filled> {
  const project = await createProject(ctx, SYSTEM, { name, description: `${name} of the tests` });
  const user = (await makePerson(ctx, { [project.id]: "owner" })).actor;
  const { db } = ctx;
  await db.projectWorkspace.create({
    data: { projectId: project.id, path: `/srv/${name}`, createdAt: ctx.clock.now() },
  });
  const key = await makeKey(ctx, project.id, ["agent:write"]);
  const pipelines = await fillPipelines(ctx, project.id, size);
  const integration = await fillDeliveries(ctx, project.id, size);
  const executions = await fillExecutions(ctx, project.id, { user, key: key.actor }, size);
  const activityId = await fillActivities(ctx, project.id, { user, commitId: pipelines.commitId }, size);
  return {
    projectId: project.id,
    ...pipelines,
    ...integration,
    ...executions,
    apiKeyId: key.actor.keyId,
    activityId,
  };
}

/** Times in the list's order: the first is the newest. */
function momentsAgo(ctx: Context, index: number): Date {
  return new Date(ctx.clock.now().getTime() - 60_000 * (index + 1));
}

async function fillDeliveries(ctx: Context, projectId: string, size: number) {
  const ids: string[] = [];
  let integrationId = "";
  for (let i = 0; i < size; i++) {
    integrationId = ctx.newId();
    const at = momentsAgo(ctx, i);
    const integration = {
      id: integrationId,
      projectId,
      provider: "github",
      name: `GitHub ${i}`,
      createdAt: at,
    };
    await ctx.db.integration.create({
      data: { ...integration, status: "active", secretSealed: Buffer.from("sealed"), updatedAt: at },
    });
    const id = ctx.newId();
    ids.push(id);
    const body = Buffer.from(JSON.stringify({ action: "completed", number: i }));
    await ctx.db.webhookDelivery.create({
      data: {
        id,
        integrationId,
        projectId,
        provider: "github",
        deliveryId: `delivery-${i}`,
        event: "workflow_run",
        action: "completed",
        headers: { "x-github-event": "workflow_run" },
        contentType: "application/json",
        bodyBytes: body.length,
        bodyHash: Buffer.alloc(32),
        outcome: i === 0 ? "failed" : "processed",
        error: i === 0 ? "no such thing" : null,
        receivedAt: at,
        payload: { create: { body } },
      },
    });
  }
  return { integrationId, deliveryId: ids[0] ?? "" };
}

interface Starters {
  readonly user: UserActor;
  readonly key: KeyActor;
}

async function fillExecutions(ctx: Context, projectId: string, { user, key }: Starters, size: number) {
  const ids: string[] = [];
  for (let i = 0; i < size; i++) {
    const id = ctx.newId();
    const at = momentsAgo(ctx, i);
    await ctx.db.agentExecution.create({
      data: {
        id,
        projectId,
        agentType: "analyze",
        taskDescription: `Look at part ${i}`,
        // The first runs, the second failed, the others completed.
        status: i === 0 ? "running" : i === 1 ? "failed" : "completed",
        errorMessage: i === 1 ? "out of paper" : null,
        inputData: { path: "/srv" },
        ...(i % 2 === 0 ? { createdById: user.userId } : { createdByKeyId: key.keyId }),
        retryOfId: i === 0 ? null : ids[0],
        lastActivityAt: at,
        createdAt: at,
        startedAt: at,
        completedAt: i === 0 ? null : new Date(at.getTime() + 1_500),
        inputTokens: 1_000n,
        outputTokens: 100n,
        costNanos: 4_500_000n,
        steps: {
          create: {
            index: 0,
            name: "survey",
            output: { files: i },
            fence: 1n,
            startedAt: at,
            completedAt: at,
          },
        },
      },
    });
    ids.push(id);
  }
  const [executionId = "", retryId = ""] = ids;
  const contentId = ctx.newId();
  await ctx.db.eventContent.create({
    data: {
      id: contentId,
      projectId,
      streamId: executionId,
      mediaType: "text/plain",
      body: "the whole of it",
      createdAt: ctx.clock.now(),
    },
  });
  await transact(ctx, async (tx) => {
    const message = { messageId: "m1", role: "assistant", parentCallId: null, fromSeq: null };
    record(tx, {
      kind: "agent_execution",
      streamId: executionId,
      projectId,
      events: [
        { type: "AgentStatusChanged", data: { status: "running", errorMessage: null, attempt: 1 } },
        { type: "AgentTextDelta", data: { messageId: "m1", text: "One line\nand an" } },
        {
          type: "AgentMessage",
          data: { ...message, text: "One line\nand another", truncated: true, contentId },
        },
      ],
    });
  });
  return { executionId, retryId, contentId };
}

async function fillActivities(
  ctx: Context,
  projectId: string,
  { user, commitId }: { readonly user: Extract<Actor, { type: "user" }>; readonly commitId: string },
  size: number,
) {
  const sessionId = ctx.newId();
  await ctx.db.aISession.create({
    data: { id: sessionId, projectId, tool: "claude", externalId: "session-1", createdAt: ctx.clock.now() },
  });
  let first = "";
  for (let i = 0; i < size; i++) {
    const id = ctx.newId();
    first ||= id;
    await ctx.db.aIActivity.create({
      data: {
        id,
        projectId,
        tool: i % 2 === 0 ? "claude" : "cursor",
        category: "feature",
        userId: user.userId,
        model: i === 1 ? "unheard-of" : "claude-sonnet-4-5",
        inputTokens: 2_000n,
        outputTokens: 50n,
        costComputedNanos: i === 1 ? null : 6_750_000n,
        sessionId,
        commitId,
        commitSha: "a".repeat(40),
        commitMethod: "reported",
        source: "api",
        occurredAt: momentsAgo(ctx, i),
        createdAt: ctx.clock.now(),
        content: { create: { prompt: `Prompt ${i}`, response: `Response ${i}` } },
        changes: { create: [{ index: 0, path: "src/a.ts", diff: "+a", added: 1, removed: 0 }] },
      },
    });
  }
  return first;
}
