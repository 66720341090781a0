import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { makeKey } from "@shiplog/testkit/people";
import { expect, test } from "vitest";
import { recordAIActivity } from "../activity/index.ts";
import { SYSTEM } from "../actor.ts";
import { createProject } from "../project/index.ts";
import { overviewProjects, projectSummaries, spend } from "./index.ts";

const database = await testDatabase();
const clock = createTestClock("2026-03-08T00:30:00.000Z");
const ctx = await makeContext(database, { clock });
const project = await createProject(ctx, SYSTEM, { name: "Costs" });

const record = (occurredAt: string, tool = "claude", model = "claude-sonnet-4-5") =>
  recordAIActivity(ctx, SYSTEM, {
    projectId: project.id,
    tool,
    model,
    occurredAt: new Date(occurredAt),
    usage: {
      inputTokens: 1_000n,
      cacheReadTokens: 0n,
      cacheWrite5mTokens: 0n,
      cacheWrite1hTokens: 0n,
      outputTokens: 0n,
      reasoningTokens: 0n,
    },
  });

test("spend is by UTC days, today included; what is older or unpriced is not in it", async () => {
  await record("2026-03-08T00:00:00Z");
  await record("2026-03-07T23:59:59.999Z");
  await record("2026-03-02T00:00:00Z", "cursor");
  await record("2026-03-01T23:59:59.999Z");
  await record("2026-03-08T00:10:00Z", "other", "unheard-of");
  const result = await spend(ctx, [project.id]);
  expect(result.today).toBe(3_000_000n);
  expect(result.days.map((day) => [day.date.slice(8), day.cost])).toEqual([
    ["02", 3_000_000n],
    ["03", 0n],
    ["04", 0n],
    ["05", 0n],
    ["06", 0n],
    ["07", 3_000_000n],
    ["08", 3_000_000n],
  ]);
  expect(result.byTool).toEqual([
    { tool: "claude", cost: 6_000_000n, activities: 2 },
    { tool: "cursor", cost: 3_000_000n, activities: 1 },
    { tool: "other", cost: 0n, activities: 1 },
  ]);
  expect(result.unpriced).toBe(1);
});

test("a summary says null, not 0, where nothing is known", async () => {
  const empty = await createProject(ctx, SYSTEM, { name: "Empty" });
  const summaries = await projectSummaries(ctx, [project.id, empty.id]);
  expect(summaries.get(empty.id)).toEqual({
    running: 0,
    pipelines7d: 0,
    passRate7d: null,
    costToday: null,
    cost7d: null,
    lastDeploymentId: null,
  });
  expect(summaries.get(project.id)).toMatchObject({ costToday: 3_000_000n, cost7d: 9_000_000n });
  expect(await database.statements(() => projectSummaries(ctx, [project.id, empty.id]))).toHaveLength(1);
});

test("an overview covers the projects whose metrics the actor may read", async () => {
  const { actor } = await makeKey(ctx, project.id, ["metrics:read"]);
  expect(await overviewProjects(ctx, actor)).toEqual([project.id]);
  const blind = await makeKey(ctx, project.id, ["agent:read"]);
  expect(await overviewProjects(ctx, blind.actor)).toEqual([]);
  expect(await overviewProjects(ctx, SYSTEM, project.id)).toEqual([project.id]);
});
