import type { GraphQLResolveInfo, SelectionSetNode } from "graphql";
import { builder } from "../builder.ts";
import type { GraphQLContext } from "../context.ts";
import { readVisible, visible } from "../shared/visible.ts";
import { type JobShape, PipelineJob } from "./job.ts";
import { PipelineExecution } from "./type.ts";

function selects(set: SelectionSetNode | undefined, name: string, info: GraphQLResolveInfo): boolean {
  return (set?.selections ?? []).some((part) => {
    if (part.kind === "Field") return part.name.value === name;
    if (part.kind === "InlineFragment") return selects(part.selectionSet, name, info);
    return selects(info.fragments[part.name.value]?.selectionSet, name, info);
  });
}

type JobRow = JobShape & { readonly pipelineId: string };

async function jobsOf(pipelineIds: readonly string[], ctx: GraphQLContext, info: GraphQLResolveInfo) {
  const steps = info.fieldNodes.some((node) => selects(node.selectionSet, "steps", info));
  const rows = await readVisible<JobRow>(ctx, "PipelineJob", {
    where: { pipelineId: { in: pipelineIds } },
    orderBy: [{ startedAt: { sort: "asc", nulls: "last" } }, { name: "asc" }, { id: "asc" }],
    query: { omit: { fold: true }, include: steps ? { steps: { orderBy: { number: "asc" } } } : undefined },
  });
  const byPipeline = Map.groupBy(rows, (row) => row.pipelineId);
  return pipelineIds.map((id) => byPipeline.get(id) ?? []);
}

builder.prismaObjectField(PipelineExecution, "jobs", (t) =>
  t.loadableList({
    type: PipelineJob,
    description: "Its jobs by start, then name. One statement for all of a list, one more with steps.",
    extensions: visible("PipelineJob"),
    loaderOptions: { cache: false },
    byPath: true,
    load: (ids: string[], ctx, _args, info) => jobsOf(ids, ctx, info),
    resolve: (row) => row.id,
  }),
);
