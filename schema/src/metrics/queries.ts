import {
  failedItems,
  type ItemRef,
  overviewProjects,
  overviewStart,
  runningItems,
  type Spend as SpendShape,
  shippedIds,
  spend,
} from "@shiplog/core/metrics";
import type { GraphQLResolveInfo } from "graphql";
import { AgentExecution } from "../agent/type.ts";
import { builder } from "../builder.ts";
import type { GraphQLContext } from "../context.ts";
import { Deployment } from "../pipeline/deployment.ts";
import { PipelineExecution } from "../pipeline/type.ts";
import { actorOf } from "../shared/access.ts";
import { uuidOrNull } from "../shared/ids.ts";
import { readByIds, visible } from "../shared/visible.ts";

interface Item {
  readonly id: string;
  readonly __typename: ItemRef["type"];
}

const RunningItem = builder.unionType("RunningItem", {
  description: "Something that has not ended.",
  types: [AgentExecution, PipelineExecution],
  resolveType: (item) => (item as unknown as Item).__typename,
});

const FailureItem = builder.unionType("FailureItem", {
  description: "Something that failed.",
  types: [AgentExecution, PipelineExecution, Deployment],
  resolveType: (item) => (item as unknown as Item).__typename,
});

/** The items as rows, in their order: one statement per type. Those that the actor may not read drop out. */
async function itemsOf(
  ctx: GraphQLContext,
  info: GraphQLResolveInfo,
  refs: readonly ItemRef[],
): Promise<Item[]> {
  const byType = Map.groupBy(refs, (ref) => ref.type);
  const rows = new Map<string, Item>();
  for (const [type, own] of byType) {
    const ids = own.map((ref) => ref.id);
    for (const [id, row] of await readByIds(ctx, info, type, ids, type)) {
      rows.set(id, Object.assign(row, { __typename: type }));
    }
  }
  return refs.flatMap((ref) => rows.get(ref.id) ?? []);
}

const SpendDay = builder.objectRef<SpendShape["days"][number]>("SpendDay").implement({
  description: "What AI cost on a day.",
  fields: (t) => ({
    date: t.exposeString("date", { description: "The day in UTC, e.g. 2026-03-02." }),
    cost: t.expose("cost", { type: "USD", description: "Activities and agent executions together." }),
  }),
});

const SpendTool = builder.objectRef<SpendShape["byTool"][number]>("SpendTool").implement({
  description: "What a tool cost.",
  fields: (t) => ({
    tool: t.exposeString("tool", { description: "The tool of activities, the agent type of executions." }),
    cost: t.expose("cost", { type: "USD", description: "In the 7 days." }),
    activities: t.exposeInt("activities", { description: "Activities and executions it stands for." }),
  }),
});

const Spend = builder.objectRef<SpendShape>("Spend").implement({
  description: "What AI cost in the last 7 days of UTC, today included.",
  fields: (t) => ({
    today: t.expose("today", { type: "USD", description: "Since midnight UTC." }),
    days: t.field({
      type: [SpendDay],
      description: "All 7 days, oldest first, also those without cost.",
      resolve: (row) => [...row.days],
    }),
    byTool: t.field({ type: [SpendTool], description: "Dearest first.", resolve: (row) => [...row.byTool] }),
    unpriced: t.exposeInt("unpriced", {
      description:
        "Activities and executions with tokens of a model without a known price; the costs lack those.",
    }),
  }),
});

/** The projects (UUIDs) it covers. */
const Overview = builder.objectRef<{ readonly projectIds: readonly string[] }>("Overview").implement({
  description:
    "What runs now, what broke, what it costs and what shipped. Each part costs a statement, and one per type of item.",
  fields: (t) => ({
    running: t.field({
      type: [RunningItem],
      description: "Executions and pipelines that have not ended, newest first, at most 20.",
      extensions: visible("*"),
      resolve: async ({ projectIds }, _args, ctx, info) =>
        (await itemsOf(ctx, info, await runningItems(ctx.core, projectIds))) as never,
    }),
    failures: t.field({
      type: [FailureItem],
      description: "The newest 10 executions, pipelines and deployments of the last 7 days that failed.",
      extensions: visible("*"),
      resolve: async ({ projectIds }, _args, ctx, info) =>
        (await itemsOf(ctx, info, await failedItems(ctx.core, projectIds, overviewStart(ctx.core)))) as never,
    }),
    spend: t.field({
      type: Spend,
      description: "AI activities and agent executions.",
      resolve: ({ projectIds }, _args, ctx) => spend(ctx.core, projectIds),
    }),
    shipped: t.field({
      type: [Deployment],
      description: "The newest 10 deployments that reached their environment.",
      extensions: visible("Deployment"),
      resolve: async ({ projectIds }, _args, ctx, info) => {
        const ids = await shippedIds(ctx.core, projectIds);
        const rows = await readByIds(ctx, info, "Deployment", ids);
        return ids.flatMap((id) => rows.get(id) ?? []);
      },
    }),
  }),
});

builder.queryField("overview", (t) =>
  t.field({
    type: Overview,
    description: "Over all the viewer's projects, or one; empty when that one is missing or foreign.",
    authScopes: { can: "metrics.read" },
    args: { projectId: t.arg.id({ description: "Only this project; null = all." }) },
    resolve: async (_root, args, ctx) => {
      const projectId = args.projectId == null ? null : uuidOrNull("Project", args.projectId);
      const none = args.projectId != null && projectId === null;
      return { projectIds: none ? [] : await overviewProjects(ctx.core, actorOf(ctx), projectId) };
    },
  }),
);
