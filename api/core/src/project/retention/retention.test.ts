import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { makePerson } from "@shiplog/testkit/people";
import { expect, it } from "vitest";
import { audit } from "../../account/index.ts";
import { recordAIActivity } from "../../activity/index.ts";
import { SYSTEM } from "../../actor.ts";
import { seedStory } from "../../live/testing/index.ts";
import { record, transact } from "../../transaction.ts";
import { createProject } from "../operations.ts";
import { applyRetention, updateProjectRetention } from "./index.ts";

const DAY = 24 * 3_600_000;
const database = await testDatabase();
const clock = createTestClock(new Date(Date.now() - 400 * DAY));
const ctx = await makeContext(database, { clock });
const { db } = database;

/** A project with one of everything that retention takes, made today. */
async function fill(name: string) {
  const { id: projectId } = await createProject(ctx, SYSTEM, { name });
  const now = clock.now();
  const codeChanges = [{ path: "a.ts", diff: "+a", added: 1, removed: 0 }];
  const content = { prompt: "Why?", response: "Because.", codeChanges };
  await recordAIActivity(ctx, SYSTEM, { projectId, tool: "claude", ...content });
  const integration = {
    id: ctx.newId(),
    projectId,
    provider: "github",
    name: "GitHub",
    secretSealed: Buffer.from("sealed"),
    createdAt: now,
    updatedAt: now,
  };
  await db.integration.create({ data: integration });
  for (const outcome of ["processed", "received"] as const) {
    await db.webhookDelivery.create({
      data: {
        id: ctx.newId(),
        integrationId: integration.id,
        projectId,
        provider: "github",
        deliveryId: outcome,
        event: "push",
        headers: {},
        contentType: "application/json",
        bodyBytes: 2,
        bodyHash: Buffer.alloc(32),
        outcome,
        receivedAt: now,
        payload: { create: { body: Buffer.from("{}") } },
      },
    });
  }
  for (const ended of [true, false]) {
    const streamId = ctx.newId();
    await db.streamHead.create({ data: { streamId, kind: "agent_execution", projectId, ended } });
    const content = { id: ctx.newId(), projectId, streamId, mediaType: "text/plain", body: "long" };
    await db.eventContent.create({ data: { ...content, createdAt: now } });
    await db.agentExecution.create({
      data: {
        id: streamId,
        projectId,
        agentType: "analyze",
        taskDescription: "Look",
        inputData: { path: "/srv" },
        outputData: ended ? { markdown: "Found" } : undefined,
        costNanos: 5n,
        status: ended ? "failed" : "running",
        completedAt: ended ? now : null,
        createdAt: now,
        lastActivityAt: now,
        steps: {
          create: { index: 0, name: "read", output: "text", fence: 1, startedAt: now, completedAt: now },
        },
      },
    });
  }
  return projectId;
}

async function countsOf(projectId: string) {
  const activity = { project: { id: projectId } };
  const delivery = { projectId };
  return {
    activities: await db.aIActivity.count({ where: activity }),
    contents: await db.aIActivityContent.count({ where: { activity } }),
    diffs: await db.aIActivityCodeChange.count({ where: { activity, diff: { not: null } } }),
    paths: await db.aIActivityCodeChange.count({ where: { activity } }),
    overflow: await db.eventContent.count({ where: { projectId } }),
    runs: await db.agentExecution.count({ where: { projectId, costNanos: 5n } }),
    tasks: await db.agentExecution.count({
      where: { projectId, taskDescription: "Look", inputData: { equals: { path: "/srv" } } },
    }),
    results: await db.agentExecution.count({
      where: { projectId, outputData: { equals: { markdown: "Found" } } },
    }),
    steps: await db.agentStep.count({ where: { execution: { projectId } } }),
    payloads: await db.webhookDeliveryPayload.count({ where: { delivery } }),
    deliveries: await db.webhookDelivery.count({ where: delivery }),
    audit: await db.auditEntry.count({ where: { projectId } }),
  };
}

const ALL = {
  activities: 1,
  contents: 1,
  diffs: 1,
  paths: 1,
  overflow: 2,
  runs: 2,
  tasks: 2,
  results: 1,
  steps: 2,
  payloads: 2,
  deliveries: 2,
  audit: 2,
};

it("keeps what each project says it keeps, in bounded batches, and nothing of another's goes", async () => {
  const usual = await fill("Usual");
  const brief = await fill("Brief");
  await updateProjectRetention(ctx, SYSTEM, { projectId: brief, contentDays: 7, auditDays: 30 });
  expect(await countsOf(usual)).toEqual(ALL);

  clock.advance(8 * DAY);
  expect(await applyRetention(ctx)).toMatchObject({
    content: 1,
    diff: 1,
    overflow: 1,
    step: 1,
    run: 1,
    payload: 2,
    delivery: 0,
  });
  expect(await countsOf(usual)).toEqual(ALL);
  // A run that goes on keeps its texts; an activity its paths and counts.
  const runs = { overflow: 1, tasks: 1, results: 0, steps: 1 };
  const brieflyKept = { ...ALL, ...runs, contents: 0, diffs: 0, payloads: 0, audit: 3 };
  expect(await countsOf(brief)).toEqual(brieflyKept);
  // Nothing is left to do.
  expect(Object.values(await applyRetention(ctx))).toEqual(Array(9).fill(0));

  clock.advance(83 * DAY);
  expect(await applyRetention(ctx, { batches: 1 })).toMatchObject({ delivery: 2, audit: 3 });
  // What was never processed waits; everything else of the usual project but its deliveries is for longer.
  expect(await countsOf(usual)).toEqual({ ...ALL, deliveries: 1, payloads: 1 });
  expect(await countsOf(brief)).toEqual({ ...brieflyKept, deliveries: 1, audit: 0 });
});

it("prunes entries of the installation and of projects that are gone after a year", async () => {
  const gone = ctx.newId();
  for (const projectId of [null, gone]) {
    const event = { action: "thing.make", projectId };
    await transact(ctx, (tx) => audit(tx, ctx, SYSTEM, event));
  }
  clock.advance(300 * DAY);
  const kept = { action: "thing.keep", projectId: gone };
  await transact(ctx, (tx) => audit(tx, ctx, SYSTEM, kept));
  clock.advance(70 * DAY);
  await applyRetention(ctx);
  const left = await db.auditEntry.findMany({ where: { projectId: gone } });
  expect(left.map((entry) => entry.action)).toEqual(["thing.keep"]);
  expect(await db.auditEntry.count({ where: { projectId: null } })).toBe(0);
});

it("keeps no content of a project in metadata mode, and counts lines all the same", async () => {
  const { id: projectId } = await createProject(ctx, SYSTEM, { name: "Private" });
  const { actor } = await makePerson(ctx, { [projectId]: "owner" });
  await updateProjectRetention(ctx, actor, { projectId, privacyMode: "metadata" });
  const codeChanges = [{ path: "a.ts", diff: "--- a\n+++ b\n+one\n+two\n-three" }];
  const content = { prompt: "Why?", response: "Because.", codeChanges };
  const { id } = await recordAIActivity(ctx, actor, { projectId, tool: "claude", ...content });
  const stored = await db.aIActivity.findUniqueOrThrow({
    where: { id },
    include: { content: true, changes: true },
  });
  expect(stored).toMatchObject({
    content: null,
    linesAdded: 2,
    linesRemoved: 1,
    changes: [{ path: "a.ts", diff: null, added: 2, removed: 1 }],
  });
});

it("takes events of executions from a project that says so only, and its news after 90 days from each", async () => {
  const made = [await seedStory(ctx), await seedStory(ctx)];
  for (const { append, projectId } of made) {
    await append(3, { ends: true });
    const events = [{ type: "AIActivitiesRecorded", data: { count: 1 } }];
    await transact(ctx, async (tx) =>
      record(tx, { kind: "project", streamId: projectId, projectId, events }),
    );
  }
  const [brief, whole] = made.map(({ projectId }) => projectId) as [string, string];
  await updateProjectRetention(ctx, SYSTEM, { projectId: brief, eventDays: 30 });
  const left = async () => {
    const rows = made.map(({ executionId, projectId }) =>
      Promise.all([executionId, projectId].map((streamId) => db.streamEvent.count({ where: { streamId } }))),
    );
    return Promise.all(rows);
  };
  clock.advance(31 * DAY);
  expect((await applyRetention(ctx)).events).toBe(4);
  expect(await left()).toEqual([
    [0, 0],
    [3, 1],
  ]);
  clock.advance(60 * DAY);
  await applyRetention(ctx);
  expect(await left()).toEqual([
    [0, 0],
    [3, 0],
  ]);
  expect(await db.streamHead.findUniqueOrThrow({ where: { streamId: whole } })).toMatchObject({
    seq: 1,
    firstSeq: 2,
  });
});
